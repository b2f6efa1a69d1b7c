import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Answer, Series } from './drawing';
import { framesOf } from './frames';

function answer(series: Series[], rest: Partial<Answer> = {}): Answer {
  return { refId: 'A', legend: '', format: 'time_series', step: 30_000, series, ...rest };
}

function columns(answers: Answer[]) {
  return framesOf(answers).map(({ fields }) => fields.map(({ name, values }) => [name, values]));
}

test('a series is a frame of milliseconds and numbers, and what is no number is a gap', () => {
  const series = { metric: {}, values: [[1, '2.5'], [2, 'NaN'], [3, '+Inf']] } satisfies Series;
  assert.deepEqual(columns([answer([series])]), [[['Time', [1000, 2000, 3000]], ['Value', [2.5, null, Infinity]]]]);
});

test('a legend takes its labels, and without one the series is written as PromQL has it', () => {
  const series = { metric: { __name__: 'up', job: 'api' }, values: [] } satisfies Series;
  const names = ['{{job}} of {{ none }}', ''].map(
    (legend) => framesOf([answer([series], { legend })])[0]!.fields[1]!.config.displayNameFromDS
  );
  assert.deepEqual(names, ['api of ', 'up{job="api"}']);
});

test('a table has a row a series and a column a label', () => {
  const series: Series[] = [
    { metric: { route: '/a' }, values: [[1, '5']] },
    { metric: { route: '/b', method: 'GET' }, values: [[1, '6']] },
  ];
  const expected = [['Time', [1000, 1000]], ['method', ['', 'GET']], ['route', ['/a', '/b']]];
  assert.deepEqual(columns([answer(series, { format: 'table' })]), [[...expected, ['Value', [5, 6]]]]);
  const two = [answer(series, { format: 'table' }), answer([], { format: 'table', refId: 'B' })];
  assert.deepEqual(columns(two), [[...expected, ['Value #A', [5, 6]]]]);
});

test("a heatmap's buckets ascend, and each holds only what is its own", () => {
  const bucket = (le: string, count: string): Series => ({ metric: { le }, values: [[1, count]] });
  const frames = framesOf([answer([bucket('+Inf', '10'), bucket('0.1', '4'), bucket('2', '9')], { format: 'heatmap' })]);
  assert.deepEqual(frames.map(({ fields }) => [fields[1]!.labels!.le, fields[1]!.values[0]]), [['0.1', 4], ['2', 5], ['+Inf', 1]]);
});
