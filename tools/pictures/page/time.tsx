import { dateTimeFormat, type GrafanaTheme2, type TimeRange } from '@grafana/data';
import { measureText } from '@grafana/ui';

const MINUTE = 60_000;
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440].map((minutes) => minutes * MINUTE);

export const AXIS_HEIGHT = 20;

/** The time axis of the charts that this tool draws itself. */
export function TimeAxis(props: { range: TimeRange; left: number; width: number; top: number; theme: GrafanaTheme2 }) {
  const { range, left, width, top, theme } = props;
  const [from, to] = [range.from.valueOf(), range.to.valueOf()];
  const needed = (to - from) / (width / 60);
  const step = STEPS.find((each) => each >= needed) ?? STEPS[STEPS.length - 1]!;
  const times: number[] = [];
  for (let time = Math.ceil(from / step) * step; time <= to; time += step) {
    times.push(time);
  }
  const x = (time: number) => left + ((time - from) / (to - from)) * width;
  // A label centred on its tick must not exceed the chart.
  const fitting = times.filter((time) => x(time) + 18 <= left + width);
  return (
    <g fill={theme.colors.text.primary} fontSize={theme.typography.size.sm} textAnchor="middle">
      {fitting.map((time) => (
        <text key={time} x={x(time)} y={top + 14}>
          {dateTimeFormat(time, { timeZone: 'utc', format: 'HH:mm' })}
        </text>
      ))}
    </g>
  );
}

/** The text, shortened with an ellipsis if it exceeds a width. */
export function fitted(text: string, width: number): string {
  const needed = measureText(text, 12).width;
  if (needed <= width) {
    return text;
  }
  const letters = Math.floor((text.length * width) / needed);
  return letters < 3 ? '' : `${text.slice(0, letters - 2)}…`;
}
