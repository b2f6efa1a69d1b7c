import { type DataFrame, type GrafanaTheme2, type TimeRange } from '@grafana/data';
import { PanelChrome, useTheme2 } from '@grafana/ui';
import type { ComponentType } from 'react';

import { Bars } from './bars';
import type { Drawn, Annotation, Panel } from './drawing';
import { Heat } from './heat';
import { Rows } from './rows';
import { States } from './states';
import { Trend } from './trend';
import { Value } from './value';
import { Values } from './values';

export interface PanelProps {
  panel: Panel;
  frames: DataFrame[];
  width: number;
  height: number;
  range: TimeRange;
  annotations: Annotation[];
}

const OWN: Record<string, ComponentType<PanelProps>> = { timeseries: Trend, stat: Value, bargauge: Bars, table: Rows };
// Grafana does not publish the components of these panel types.
const TOOLS: Record<string, ComponentType<PanelProps>> = { 'state-timeline': States, heatmap: Heat };

// Grafana's panels of these types show a value in the colour of "no data" where there is no series.
const WITHOUT_SERIES = new Set(['stat', 'bargauge']);

const TOOL_NOTE = "not drawn by Grafana's own panel";

/** A panel in Grafana's frame, with the error of a failed query as Grafana shows it. */
export function FramedPanel({ error, ...props }: PanelProps & { error: string | undefined }) {
  const theme = useTheme2();
  const { panel, frames, width, height } = props;
  const Own = OWN[panel.type];
  const Drawing = Own ?? TOOLS[panel.type] ?? Values;
  const drawn: Drawn = frames.length === 0 ? 'nothing' : Own ? 'grafana' : 'tool';
  return (
    <div data-drawn={drawn} data-kind={panel.type} data-panel={panel.title} data-error={error}>
      <PanelChrome
        title={panel.title}
        description={panel.description}
        width={width}
        height={height}
        statusMessage={error}
        subHeaderContent={drawn === 'tool' ? <span style={small(theme)}>{TOOL_NOTE}</span> : undefined}
      >
        {(inner, innerHeight) =>
          frames.length || WITHOUT_SERIES.has(panel.type) ? (
            <Drawing {...props} width={inner} height={innerHeight} />
          ) : (
            <div style={centred}>{panel.fieldConfig.defaults.noValue ?? 'No data'}</div>
          )
        }
      </PanelChrome>
    </div>
  );
}

function small(theme: GrafanaTheme2) {
  return { color: theme.colors.text.secondary, fontSize: theme.typography.size.xs, whiteSpace: 'nowrap' } as const;
}

const centred = { display: 'flex', alignItems: 'center', justifyContent: 'center', height: '100%' } as const;
