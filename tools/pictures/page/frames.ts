// Prometheus's answers as the data frames that Grafana's own data source makes of them.
import { type DataFrame, type Field, FieldType, type Labels } from '@grafana/data';

import type { Answer, Series } from './drawing';

export function framesOf(answers: Answer[]): DataFrame[] {
  return answers.flatMap((answer) => {
    switch (answer.format) {
      case 'table':
        return answer.series.length ? [tableOf(answer, answers.length > 1)] : [];
      case 'heatmap':
        return bucketsOf(answer);
      default:
        return answer.series.map((series) => frameOf(answer, series.metric, samplesOf(series)));
    }
  });
}

type Sample = [time: number, value: number | null];

function samplesOf({ values }: Series): Sample[] {
  return values.map(([seconds, value]) => [seconds * 1000, numberOf(value)]);
}

function numberOf(text: string): number | null {
  return text === 'NaN' ? null : Number(text.replace('Inf', 'Infinity'));
}

function frameOf(answer: Answer, labels: Labels, samples: Sample[]): DataFrame {
  const time = field('Time', FieldType.time, samples.map(([time]) => time));
  // Where samples are further apart than this, a line is broken.
  time.config = { interval: answer.step };
  const value = field('Value', FieldType.number, samples.map(([, value]) => value));
  value.config = { displayNameFromDS: named(answer.legend, labels) };
  return { refId: answer.refId, fields: [time, { ...value, labels }], length: samples.length };
}

/** One row a series: its labels and its last value. */
function tableOf(answer: Answer, several: boolean): DataFrame {
  const labels = answer.series.map(({ metric }) => metric);
  const last = answer.series.map((series) => samplesOf(series).at(-1) ?? [0, null]);
  const names = [...new Set(labels.flatMap(Object.keys))].sort();
  return {
    refId: answer.refId,
    fields: [
      field('Time', FieldType.time, last.map(([time]) => time)),
      ...names.map((name) => field(name, FieldType.string, labels.map((each) => each[name] ?? ''))),
      field(several ? `Value #${answer.refId}` : 'Value', FieldType.number, last.map(([, value]) => value)),
    ],
    length: last.length,
  };
}

/** A histogram's buckets in ascending order, each without what the ones below it hold. */
function bucketsOf(answer: Answer): DataFrame[] {
  const bound = ({ metric }: Series) => numberOf(metric.le ?? 'NaN') ?? 0;
  const ascending = [...answer.series].sort((one, other) => bound(one) - bound(other));
  let below = new Map<number, number>();
  return ascending.map((series) => {
    const samples = samplesOf(series);
    const own = samples.map(([time, count]): Sample => [time, Math.max(0, (count ?? 0) - (below.get(time) ?? 0))]);
    below = new Map(samples.map(([time, count]) => [time, count ?? 0]));
    return frameOf(answer, series.metric, own);
  });
}

/** The legend's template filled in, or without one the series as PromQL writes it. */
export function named(legend: string, labels: Labels): string {
  if (legend && legend !== '__auto') {
    return legend.replace(/{{\s*(.+?)\s*}}/g, (_, label: string) => labels[label] ?? '');
  }
  const { __name__: name = '', ...others } = labels;
  return `${name}{${Object.entries(others).map(([label, value]) => `${label}="${value}"`).join(', ')}}`;
}

function field(name: string, type: FieldType, values: unknown[]): Field {
  return { name, type, values, config: {} };
}
