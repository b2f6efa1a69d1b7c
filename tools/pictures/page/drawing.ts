// What is to be drawn: a board as Grafana would load it, and what Prometheus answered to each of its queries.
import type { DataTransformerConfig, FieldConfigSource } from '@grafana/data';

export interface Drawing {
  board: Board;
  /** Milliseconds since the epoch, as everything in time here but Prometheus's samples. */
  from: number;
  to: number;
  /** By panel id. */
  answers: Record<string, Answer[]>;
  marks: Mark[];
}

export interface Board {
  title: string;
  panels: Panel[];
  templating: { list: Choice[] };
  annotations: { list: Array<{ name: string; iconColor: string }> };
}

export interface Choice {
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
export interface Answer {
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

/** When something happened: an alert that fired, a rollout. */
export interface Mark {
  color: string;
  from: number;
  to: number;
}

/** Who drew a panel: Grafana's own component, this tool, or nobody because there are no data. */
export type Drawn = 'grafana' | 'tool' | 'nothing';
