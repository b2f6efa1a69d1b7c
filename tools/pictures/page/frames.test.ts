import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { QueryResult, Series } from './drawing';
import { framesOf } from './frames';

function result(series: Series[], rest: Partial<QueryResult> = {}): QueryResult {
  return { refId: 'A', legend: '', format: 'time_series', step: 30_000, series, ...rest };
}

function columns(results: QueryResult[]) {
  return framesOf(results).map(({ fields }) => fields.map(({ name, values }) => [name, values]));
}

test('a series is a frame of milliseconds and numbers, with null for NaN', () => {
  const series = { metric: {}, values: [[1, '2.5'], [2, 'NaN'], [3, '+Inf']] } satisfies Series;
  assert.deepEqual(columns([result([series])]), [[['Time', [1000, 2000, 3000]], ['Value', [2.5, null, Infinity]]]]);
});

test('a legend is interpolated, and without one the series is named in PromQL notation', () => {
  const series = { metric: { __name__: 'up', job: 'api' }, values: [] } satisfies Series;
  const names = ['{{job}} of {{ none }}', ''].map(
    (legend) => framesOf([result([series], { legend })])[0]!.fields[1]!.config.displayNameFromDS
  );
  assert.deepEqual(names, ['api of ', 'up{job="api"}']);
});

test('a table has one row per series and one column per label', () => {
  const series: Series[] = [
    { metric: { route: '/a' }, values: [[1, '5']] },
    { metric: { route: '/b', method: 'GET' }, values: [[1, '6']] },
  ];
  const expected = [['Time', [1000, 1000]], ['method', ['', 'GET']], ['route', ['/a', '/b']]];
  assert.deepEqual(columns([result(series, { format: 'table' })]), [[...expected, ['Value', [5, 6]]]]);
  const two = [result(series, { format: 'table' }), result([], { format: 'table', refId: 'B' })];
  assert.deepEqual(columns(two), [[...expected, ['Value #A', [5, 6]]]]);
});

test("a heatmap's buckets ascend, each without the counts of the lower ones", () => {
  const bucket = (le: string, count: string): Series => ({ metric: { le }, values: [[1, count]] });
  const frames = framesOf([result([bucket('+Inf', '10'), bucket('0.1', '4'), bucket('2', '9')], { format: 'heatmap' })]);
  assert.deepEqual(frames.map(({ fields }) => [fields[1]!.labels!.le, fields[1]!.values[0]]), [['0.1', 4], ['2', 5], ['+Inf', 1]]);
});
