// Units, limits and colours, applied to the fields by Grafana's own functions.
import {
  applyFieldOverrides,
  type DataFrame,
  FieldColorModeId,
  type FieldConfig,
  FieldConfigOptionsRegistry,
  type FieldConfigPropertyItem,
  type FieldConfigSource,
  type GrafanaTheme2,
} from '@grafana/data';
import { AxisPlacement, GraphDrawStyle, LineInterpolation, StackingMode, VisibilityMode } from '@grafana/schema';

import type { Panel } from './drawing';

/** Defaults of each panel type; the panels themselves are not published as a package. */
const DEFAULTS: Record<string, FieldConfig> = {
  timeseries: {
    color: { mode: FieldColorModeId.PaletteClassic },
    custom: {
      drawStyle: GraphDrawStyle.Line,
      lineInterpolation: LineInterpolation.Linear,
      lineWidth: 1,
      fillOpacity: 0,
      pointSize: 5,
      showPoints: VisibilityMode.Auto,
      spanNulls: false,
      axisPlacement: AxisPlacement.Auto,
      axisGridShow: true,
      stacking: { mode: StackingMode.None, group: 'A' },
    },
  },
  'state-timeline': { custom: { fillOpacity: 70, lineWidth: 0 } },
  table: { custom: { align: 'auto', inspect: false, cellOptions: { type: 'auto' } } },
};

export const asWritten = (text: string): string => text;

/** A panel's field settings with the defaults that Grafana adds on loading. */
export function settingsOf(panel: Panel): FieldConfigSource {
  const own = DEFAULTS[panel.type] ?? {};
  const { defaults, overrides } = panel.fieldConfig;
  const custom = { ...own.custom, ...defaults.custom };
  if (custom.stacking) {
    custom.stacking = { group: 'A', ...custom.stacking };
  }
  const steps = defaults.thresholds?.steps.map((step, place) => (place ? step : { ...step, value: -Infinity }));
  const thresholds = defaults.thresholds && { ...defaults.thresholds, steps: steps ?? [] };
  return { defaults: { ...own, ...defaults, custom, thresholds }, overrides };
}

export function configured(panel: Panel, frames: DataFrame[], theme: GrafanaTheme2): DataFrame[] {
  const fieldConfig = settingsOf(panel);
  return applyFieldOverrides({
    data: frames,
    fieldConfig,
    fieldConfigRegistry: registryOf(fieldConfig),
    replaceVariables: asWritten,
    theme,
    timeZone: 'utc',
  });
}

/** A registry of every setting in use, without the editor's validation; the type check validates them. */
function registryOf({ defaults, overrides }: FieldConfigSource): FieldConfigOptionsRegistry {
  const overridden = overrides.flatMap(({ properties }) => properties.map(({ id }) => id));
  const { custom, ...standard } = defaults;
  const ids = [...Object.keys(standard), ...Object.keys(custom ?? {}).map((name) => `custom.${name}`), ...overridden];
  return new FieldConfigOptionsRegistry(() => [...new Set(ids)].map(setting));
}

type Process = FieldConfigPropertyItem['process'];

const unchanged: Process = (value) => value;

/** The only variables in display names are labels of the series. */
const labelled: Process = (value, { field }) =>
  value?.replace(/\$\{__field\.labels\.(\w+)\}/g, (_: string, label: string) => field?.labels?.[label] ?? '').trim();

function setting(id: string): FieldConfigPropertyItem {
  const isCustom = id.startsWith('custom.');
  const path = isCustom ? id.slice('custom.'.length) : id;
  const nothing = () => null;
  return { id, path, isCustom, name: id, process: id === 'displayName' ? labelled : unchanged, shouldApply: () => true, editor: nothing, override: nothing };
}
