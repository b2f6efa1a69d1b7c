import { FieldType, formattedValueToString, getFieldDisplayName } from '@grafana/data';
import { useTheme2 } from '@grafana/ui';

import type { PanelProps } from './panel';

/** The last value of each series, for panel types that this tool cannot draw. */
export function Values({ frames, height }: PanelProps) {
  const theme = useTheme2();
  return (
    <div style={{ height, overflow: 'hidden' }}>
      <table style={{ width: '100%' }}>
        <tbody>
          {frames.flatMap((frame, place) =>
            frame.fields
              .filter(({ type }) => type === FieldType.number)
              .map((field) => {
                const shown = field.display!(field.values.at(-1));
                return (
                  <tr key={`${place} ${field.name}`} style={{ borderBottom: `1px solid ${theme.colors.border.weak}` }}>
                    <td>{getFieldDisplayName(field, frame, frames)}</td>
                    <td style={{ textAlign: 'right', color: shown.color }}>{formattedValueToString(shown)}</td>
                  </tr>
                );
              })
          )}
        </tbody>
      </table>
    </div>
  );
}
