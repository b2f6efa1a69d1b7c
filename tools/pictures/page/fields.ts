// Units, limits, colours and the like, put on the fields by Grafana's own rules.
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

/** What a kind of panel has where the board says nothing; the panels themselves are in no package. */
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

/** A panel's field settings with what Grafana adds to them on loading. */
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

/** Every setting that occurs, taken as it stands: what a panel's editor would check is the types' business. */
function registryOf({ defaults, overrides }: FieldConfigSource): FieldConfigOptionsRegistry {
  const overridden = overrides.flatMap(({ properties }) => properties.map(({ id }) => id));
  const { custom, ...standard } = defaults;
  const ids = [...Object.keys(standard), ...Object.keys(custom ?? {}).map((name) => `custom.${name}`), ...overridden];
  return new FieldConfigOptionsRegistry(() => [...new Set(ids)].map(setting));
}

function setting(id: string): FieldConfigPropertyItem {
  const isCustom = id.startsWith('custom.');
  const path = isCustom ? id.slice('custom.'.length) : id;
  const nothing = () => null;
  return { id, path, isCustom, name: id, process: (value) => value, shouldApply: () => true, editor: nothing, override: nothing };
}
