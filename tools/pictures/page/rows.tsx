import { cacheFieldDisplayNames } from '@grafana/data';
import { TableNG } from '@grafana/ui/unstable';

import type { PanelProps } from './panel';

/** A table, drawn by Grafana's component. */
export function Rows({ panel, frames, width, height }: PanelProps) {
  const { options } = panel;
  // Without it the headings are the fields' own names, whatever the board calls them.
  cacheFieldDisplayNames(frames);
  const frame = frames[options.frameIndex ?? 0] ?? frames[0];
  return frame ? (
    <TableNG
      data={frame}
      width={width}
      height={height}
      noHeader={options.showHeader === false}
      cellHeight={options.cellHeight}
      sortBy={options.sortBy}
      fieldConfig={panel.fieldConfig}
      enableVirtualization={false}
    />
  ) : null;
}
