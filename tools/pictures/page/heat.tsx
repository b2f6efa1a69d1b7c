import { FieldType, formattedValueToString, getFieldDisplayName, getValueFormat } from '@grafana/data';
import { useTheme2 } from '@grafana/ui';
import * as chromatic from 'd3-scale-chromatic';

import type { PanelProps } from './panel';
import { AXIS_HEIGHT, fitted, TimeAxis } from './time';

const LEFT = 70;
const BEGIN_DARK = new Set(['Turbo', 'Cividis', 'Viridis', 'Magma', 'Inferno', 'Plasma', 'Warm', 'Cool']);

/** A histogram over time: one row per bucket, one cell per step, in the colours of Grafana's panel. */
export function Heat({ panel, frames, width, height, range }: PanelProps) {
  const theme = useTheme2();
  const { options } = panel;
  const plot = width - LEFT;
  const rowHeight = (height - AXIS_HEIGHT) / frames.length;
  const [from, to] = [range.from.valueOf(), range.to.valueOf()];
  const unit = getValueFormat(options.yAxis?.unit ?? panel.fieldConfig.defaults.unit ?? 'short');
  const rows = frames.map((frame) => ({
    time: frame.fields.find(({ type }) => type === FieldType.time)!,
    value: frame.fields.find(({ type }) => type === FieldType.number)!,
    name: getFieldDisplayName(frame.fields[1]!, frame, frames),
  }));
  const highest = Math.max(...rows.flatMap(({ value }) => value.values as number[]));
  const color = palette(options.color ?? {}, theme.isDark);
  const every = Math.max(1, Math.ceil(16 / rowHeight));
  return (
    <svg width={width} height={height} fontSize={12} fontFamily={theme.typography.fontFamily} shapeRendering="crispEdges">
      {rows.map(({ time, value, name }, row) => {
        const top = height - AXIS_HEIGHT - (row + 1) * rowHeight;
        const step = ((time.config.interval ?? 0) / (to - from)) * plot;
        const bound = Number(name);
        const label = Number.isFinite(bound) ? formattedValueToString(unit(bound)) : name;
        return (
          <g key={row}>
            {row % every === 0 && (
              <text x={LEFT - 8} y={top + 4} textAnchor="end" dominantBaseline="hanging" fill={theme.colors.text.primary}>
                {fitted(label, LEFT - 8)}
              </text>
            )}
            {value.values.map((count: number, place) => {
              // A query counts the events of the step before its time.
              const x = LEFT + ((time.values[place] - from) / (to - from)) * plot - step;
              const left = Math.max(LEFT, x);
              return count > (options.filterValues?.le ?? 0) ? (
                <rect
                  key={place}
                  x={left}
                  y={top}
                  width={Math.max(0, x + step - left)}
                  height={rowHeight - 1}
                  fill={color(count / highest)}
                />
              ) : null;
            })}
          </g>
        );
      })}
      <TimeAxis range={range} left={LEFT} width={plot} top={height - AXIS_HEIGHT} theme={theme} />
    </svg>
  );
}

/** The colour for a share of the largest count. */
function palette(options: { scheme?: string; reverse?: boolean }, dark: boolean) {
  const scheme = (chromatic as Record<string, unknown>)[`interpolate${options.scheme ?? 'Oranges'}`];
  const interpolate = (scheme ?? chromatic.interpolateOranges) as (share: number) => string;
  // Schemes that start dark are inverted in the light theme, the others in the dark theme.
  const turned = BEGIN_DARK.has(options.scheme ?? 'Oranges') !== dark;
  return (share: number) => interpolate(turned !== Boolean(options.reverse) ? 1 - share : share);
}
