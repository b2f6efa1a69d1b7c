import { type DisplayValue, type FieldDisplay, getDisplayProcessor, getDisplayValueAlignmentFactors, getFieldDisplayValues } from '@grafana/data';
import { BarGauge, useTheme2, VizRepeater } from '@grafana/ui';

import type { Panel } from './drawing';
import { asWritten, settingsOf } from './fields';
import type { PanelProps } from './panel';

/** One bar per series, drawn by Grafana's component. */
export function Bars({ panel, frames, width, height }: PanelProps) {
  const theme = useTheme2();
  const { options } = panel;
  const values = () =>
    getFieldDisplayValues({
      fieldConfig: settingsOf(panel),
      reduceOptions: options.reduceOptions,
      replaceVariables: asWritten,
      theme,
      data: frames,
      timeZone: 'utc',
    });
  const colors = ({ view, colIndex }: FieldDisplay) => {
    const field = view?.getFieldDisplayProcessor(colIndex ?? 0);
    return field ?? getDisplayProcessor();
  };
  return (
    <VizRepeater
      source={frames}
      getValues={values}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      renderValue={({ value, width, height, count, orientation, alignmentFactors }) => (
        <BarGauge
          value={named(value.display, count, panel)}
          field={value.field}
          display={colors(value)}
          text={options.text}
          alignmentFactors={count > 1 ? alignmentFactors : undefined}
          displayMode={options.displayMode}
          valueDisplayMode={options.valueMode}
          namePlacement={options.namePlacement}
          showUnfilled={options.showUnfilled}
          itemSpacing={options.displayMode === 'lcd' ? 2 : 10}
          orientation={orientation}
          width={width}
          height={height}
          theme={theme}
        />
      )}
      width={width}
      height={height}
      itemSpacing={options.displayMode === 'lcd' ? 2 : 10}
      renderCounter={0}
      minVizWidth={options.minVizWidth}
      minVizHeight={options.minVizHeight}
      maxVizHeight={options.maxVizHeight}
      orientation={options.orientation}
    />
  );
}

/** Grafana's panel drops the name of a single bar without a display name. */
function named(display: DisplayValue, count: number, panel: Panel): DisplayValue {
  return count === 1 && !panel.fieldConfig.defaults.displayName ? { ...display, title: undefined } : display;
}
