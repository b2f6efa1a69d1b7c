import { getDisplayValueAlignmentFactors, getFieldDisplayValues } from '@grafana/data';
import { BigValue, BigValueGraphMode, useTheme2, VizRepeater } from '@grafana/ui';

import { asWritten, settingsOf } from './fields';
import type { PanelProps } from './panel';

/** One large value per series, drawn by Grafana's component. */
export function Value({ panel, frames, width, height, range }: PanelProps) {
  const theme = useTheme2();
  const { options } = panel;
  const values = () =>
    getFieldDisplayValues({
      fieldConfig: settingsOf(panel),
      reduceOptions: options.reduceOptions,
      replaceVariables: asWritten,
      theme,
      data: frames,
      sparkline: options.graphMode !== BigValueGraphMode.None,
      timeZone: 'utc',
    });
  return (
    <VizRepeater
      source={frames}
      getValues={values}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      renderValue={({ value, width, height, count, alignmentFactors }) => (
        <BigValue
          value={value.display}
          sparkline={value.sparkline && { ...value.sparkline, timeRange: range }}
          count={count}
          alignmentFactors={alignmentFactors}
          colorMode={options.colorMode}
          graphMode={options.graphMode}
          justifyMode={options.justifyMode}
          textMode={options.textMode}
          text={options.text}
          disableWideLayout={!options.wideLayout}
          width={width}
          height={height}
          theme={theme}
        />
      )}
      width={width}
      height={height}
      itemSpacing={3}
      renderCounter={0}
      autoGrid
      orientation={options.orientation}
    />
  );
}
