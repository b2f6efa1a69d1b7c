// Prometheus results as the data frames that Grafana's data source creates.
import { type DataFrame, type Field, FieldType, type Labels } from '@grafana/data';

import type { QueryResult, Series } from './drawing';

export function framesOf(results: QueryResult[]): DataFrame[] {
  return results.flatMap((result) => {
    switch (result.format) {
      case 'table':
        return result.series.length ? [tableOf(result, results.length > 1)] : [];
      case 'heatmap':
        return bucketsOf(result);
      default:
        return result.series.map((series) => frameOf(result, series.metric, samplesOf(series)));
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

function frameOf(result: QueryResult, labels: Labels, samples: Sample[]): DataFrame {
  const time = field('Time', FieldType.time, samples.map(([time]) => time));
  // A line is interrupted where samples are further apart than this.
  time.config = { interval: result.step };
  const value = field('Value', FieldType.number, samples.map(([, value]) => value));
  value.config = { displayNameFromDS: named(result.legend, labels) };
  return { refId: result.refId, fields: [time, { ...value, labels }], length: samples.length };
}

/** One row per series: its labels and its last value. */
function tableOf(result: QueryResult, several: boolean): DataFrame {
  const labels = result.series.map(({ metric }) => metric);
  const last = result.series.map((series) => samplesOf(series).at(-1) ?? [0, null]);
  const names = [...new Set(labels.flatMap(Object.keys))].sort();
  return {
    refId: result.refId,
    fields: [
      field('Time', FieldType.time, last.map(([time]) => time)),
      ...names.map((name) => field(name, FieldType.string, labels.map((each) => each[name] ?? ''))),
      field(several ? `Value #${result.refId}` : 'Value', FieldType.number, last.map(([, value]) => value)),
    ],
    length: last.length,
  };
}

/** A histogram's buckets in ascending order, each without the counts of the lower ones. */
function bucketsOf(result: QueryResult): DataFrame[] {
  const bound = ({ metric }: Series) => numberOf(metric.le ?? 'NaN') ?? 0;
  const ascending = [...result.series].sort((one, other) => bound(one) - bound(other));
  let below = new Map<number, number>();
  return ascending.map((series) => {
    const samples = samplesOf(series);
    const own = samples.map(([time, count]): Sample => [time, Math.max(0, (count ?? 0) - (below.get(time) ?? 0))]);
    below = new Map(samples.map(([time, count]) => [time, count ?? 0]));
    return frameOf(result, series.metric, own);
  });
}

/** The interpolated legend or, without one, the series in PromQL notation. */
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
