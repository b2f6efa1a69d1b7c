// Grafana's types of a board, adapted to its JSON: enums as their values, and without fields that Grafana adds.
import type {
  Dashboard,
  FieldConfig,
  FieldConfigSource,
  Panel as AnyPanel,
  RowPanel,
} from '@grafana/schema/dist/esm/raw/dashboard/x/Dashboard_types.gen';
import type { Options as Bars } from '@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen';
import type { Options as Gauge } from '@grafana/schema/dist/esm/raw/composable/gauge/panelcfg/x/GaugePanelCfg_types.gen';
import type {
  FieldConfig as HeatFields,
  Options as Heat,
} from '@grafana/schema/dist/esm/raw/composable/heatmap/panelcfg/x/HeatmapPanelCfg_types.gen';
import type { Options as Value } from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type {
  FieldConfig as StateFields,
  Options as States,
} from '@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen';
import type {
  FieldConfig as RowFields,
  Options as Rows,
} from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type {
  FieldConfig as TrendFields,
  Options as Trend,
} from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

/** A type as represented in JSON: TypeScript does not accept a string for an enum. */
type Json<T> = T extends string
  ? `${T}`
  : T extends number
    ? `${T}` extends `${infer Value extends number}`
      ? Value
      : never
    : T extends object
      ? { [Key in keyof T]: Json<T[Key]> }
      : T;

/** A type whose fields are optional at any depth, because Grafana adds the missing ones. */
type Filled<T> = T extends unknown[] ? T : T extends object ? { [Key in keyof T]?: Filled<T[Key]> } : T;

type Replaced<T, By> = Omit<T, keyof By> & By;

/** One field setting, by its path. */
type Setting<T, Prefix extends string = ''> = {
  [Key in keyof T & string]-?: { id: `${Prefix}${Key}`; value?: Filled<T[Key]> };
}[keyof T & string];

type Fields<Custom> = Replaced<FieldConfig, { custom?: Filled<Custom>; links?: AnyPanel['links'] }>;

type Override<Custom> = Replaced<
  FieldConfigSource['overrides'][number],
  { properties: Array<Setting<Omit<Fields<Custom>, 'custom'>> | Setting<Custom, 'custom.'>> }
>;

type Panel<Type extends string, Options, Custom = object> = Replaced<
  AnyPanel,
  {
    type: Type;
    options?: Filled<Options>;
    fieldConfig?: { defaults: Fields<Custom>; overrides: Array<Override<Custom>> };
  }
>;

/** Fields that the Prometheus data source adds to an annotation query; no package has types for them. */
interface AnnotationQuery {
  expr: string;
  step?: string;
  titleFormat?: string;
  textFormat?: string;
  tagKeys?: string;
  useValueForTime?: boolean;
}

/** Fields of interval variables that the dashboard library writes for every variable; Grafana ignores them. */
interface IntervalVariable {
  auto?: boolean;
  auto_count?: number;
  auto_min?: string;
}

/** The disabled table footer that the dashboard library writes in an older format. */
interface NoFooter {
  footer?: { countRows: false; reducer: never[]; show: false };
}

type Annotations = NonNullable<NonNullable<Dashboard['annotations']>['list']>;
type Variables = NonNullable<NonNullable<Dashboard['templating']>['list']>;

export type Board = Json<
  Replaced<
    Dashboard,
    {
      annotations: { list: Array<Annotations[number] & AnnotationQuery> };
      templating: { list: Array<Variables[number] & IntervalVariable> };
      panels: Array<
        | RowPanel
        | Panel<'bargauge', Bars>
        | Panel<'gauge', Gauge>
        | Panel<'heatmap', Heat, HeatFields>
        | Panel<'stat', Value>
        | Panel<'state-timeline', States, StateFields>
        | Panel<'table', Rows & NoFooter, RowFields>
        | Panel<'timeseries', Trend, TrendFields>
      >;
    }
  >
>;
