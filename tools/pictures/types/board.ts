// Grafana's own types of a board, as its JSON is written: enums as their values, and without what Grafana adds itself.
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

/** A value of a type as JSON has it: TypeScript takes no text for an enum. */
type Json<T> = T extends string
  ? `${T}`
  : T extends number
    ? `${T}` extends `${infer Value extends number}`
      ? Value
      : never
    : T extends object
      ? { [Key in keyof T]: Json<T[Key]> }
      : T;

/** What Grafana fills in where it is missing, at any depth. */
type Filled<T> = T extends unknown[] ? T : T extends object ? { [Key in keyof T]?: Filled<T[Key]> } : T;

type Replaced<T, By> = Omit<T, keyof By> & By;

/** One setting of some fields, by the name of its place. */
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

/** What Prometheus's data source adds to a mark's query; its types are in no package of types. */
interface MarkQuery {
  expr: string;
  step?: string;
  titleFormat?: string;
  textFormat?: string;
  tagKeys?: string;
  useValueForTime?: boolean;
}

/** What the library of boards writes of a choice of another kind, and Grafana does not read. */
interface ChoiceOfTime {
  auto?: boolean;
  auto_count?: number;
  auto_min?: string;
}

/** What the library of boards writes of a table's footer, in the form of an older Grafana: that there is none. */
interface NoFooter {
  footer?: { countRows: false; reducer: never[]; show: false };
}

type Marks = NonNullable<NonNullable<Dashboard['annotations']>['list']>;
type Choices = NonNullable<NonNullable<Dashboard['templating']>['list']>;

export type Board = Json<
  Replaced<
    Dashboard,
    {
      annotations: { list: Array<Marks[number] & MarkQuery> };
      templating: { list: Array<Choices[number] & ChoiceOfTime> };
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
