// Data of a drawing: a board as Grafana loads it, and the Prometheus results of its queries.
import type { DataTransformerConfig, FieldConfigSource } from '@grafana/data';

export interface Drawing {
  board: Board;
  /** Milliseconds since the epoch, like every time here except those of Prometheus's samples. */
  from: number;
  to: number;
  /** By panel id. */
  results: Record<string, QueryResult[]>;
  annotations: Annotation[];
}

export interface Board {
  title: string;
  panels: Panel[];
  templating: { list: Variable[] };
  annotations: { list: Array<{ name: string; iconColor: string }> };
}

export interface Variable {
  label?: string;
  name: string;
  current: { text: string | string[] };
}

export interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  gridPos: { x: number; y: number; w: number; h: number };
  fieldConfig: FieldConfigSource;
  options: Record<string, any>;
  transformations?: DataTransformerConfig[];
}

/** The series of one query of a panel. */
export interface QueryResult {
  refId: string;
  legend: string;
  format: string;
  step: number;
  series: Series[];
  error?: string;
}

/** As Prometheus writes it: seconds, and a number as text. */
export interface Series {
  metric: Record<string, string>;
  values: Array<[number, string]>;
}

/** The period of an event: a firing alert or a rollout. */
export interface Annotation {
  color: string;
  from: number;
  to: number;
}

/** What drew a panel: Grafana's component, this tool, or nothing because there is no data. */
export type Drawn = 'grafana' | 'tool' | 'nothing';
