import { type Field, FieldType, formattedValueToString, getFieldDisplayName, MappingType } from '@grafana/data';
import { measureText, useTheme2 } from '@grafana/ui';

import type { PanelProps } from './panel';
import { AXIS_HEIGHT, fitted, TimeAxis } from './time';

/** One row per series with a stripe per state, in the layout and colours of Grafana's panel. */
export function States({ panel, frames, width, height, range }: PanelProps) {
  const theme = useTheme2();
  const names = frames.map((frame) => getFieldDisplayName(valueOf(frame.fields), frame, frames));
  const longest = Math.max(...names.map((name) => measureText(name, 12).width));
  const left = Math.min(longest + 20, width * 0.7);
  const plot = width - left;
  const rowHeight = (height - AXIS_HEIGHT) / frames.length;
  const thickness = rowHeight * (panel.options.rowHeight ?? 0.9);
  const [from, to] = [range.from.valueOf(), range.to.valueOf()];
  const x = (time: number) => left + ((Math.min(time, to) - from) / (to - from)) * plot;
  return (
    <svg width={width} height={height} fontSize={12} fontFamily={theme.typography.fontFamily}>
      {frames.map((frame, row) => {
        const top = row * rowHeight + (rowHeight - thickness) / 2;
        const value = valueOf(frame.fields);
        return (
          <g key={row} dominantBaseline="middle">
            <text x={left - 8} y={top + thickness / 2} textAnchor="end" fill={theme.colors.text.primary}>
              {fitted(names[row]!, left - 8)}
            </text>
            {stripes(frame.fields, from, to).map(({ value: state, since, until }) => {
              const shown = value.display!(state);
              const color = shown.color ?? theme.colors.text.secondary;
              const text = fitted(formattedValueToString(shown), x(until) - x(since) - 8);
              return (
                <g key={since}>
                  <rect
                    x={x(since)}
                    y={top}
                    width={Math.max(1, x(until) - x(since))}
                    height={thickness}
                    fill={color}
                    fillOpacity={(value.config.custom.fillOpacity ?? 70) / 100}
                  />
                  <text x={x(since) + 4} y={top + thickness / 2} fill={theme.colors.getContrastText(color)}>
                    {text}
                  </text>
                </g>
              );
            })}
          </g>
        );
      })}
      <TimeAxis range={range} left={left} width={plot} top={height - AXIS_HEIGHT} theme={theme} />
    </svg>
  );
}

interface Stripe {
  value: number | null;
  since: number;
  until: number;
}

function valueOf(fields: Field[]): Field {
  return fields.find(({ type }) => type === FieldType.number)!;
}

/** Consecutive equal values are one stripe. A gap in the samples is a stripe if missing values have a text, as in Grafana. */
function stripes(fields: Field[], begin: number, end: number): Stripe[] {
  const time = fields.find(({ type }) => type === FieldType.time)!;
  const field = valueOf(fields);
  const step = time.config.interval ?? 0;
  const gaps = field.config.mappings?.some(({ type }) => type === MappingType.SpecialValue);
  const found: Stripe[] = [];
  const add = (value: number | null, since: number, until: number) => {
    const last = found.at(-1);
    if (value === null && !gaps) {
      return;
    }
    if (last && last.value === value && last.until >= since) {
      last.until = until;
    } else {
      found.push({ value, since, until });
    }
  };
  let covered = begin;
  field.values.forEach((value: number | null, place) => {
    const since: number = time.values[place];
    if (since > covered + step) {
      add(null, covered, since);
    }
    covered = Math.min(since + step, end);
    add(value, since, covered);
  });
  if (end > covered) {
    add(null, covered, end);
  }
  return found;
}
