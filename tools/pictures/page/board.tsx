import { type DataFrame, dateTimeFormat, type GrafanaTheme2, type TimeRange } from '@grafana/data';
import { Icon, useTheme2 } from '@grafana/ui';
import type { CSSProperties } from 'react';

import type { Drawing, Panel } from './drawing';
import { FramedPanel } from './panel';

// Grafana's grid.
const COLUMNS = 24;
const ROW_HEIGHT = 30;
const GAP = 8;
const MARGIN = 16;

/** A whole board: its header, row titles and panels in their positions. */
export function Board(props: { drawing: Drawing; frames: Map<number, DataFrame[]>; range: TimeRange; width: number }) {
  const { drawing, frames, range, width } = props;
  const { board, results, annotations } = drawing;
  const bottom = Math.max(...board.panels.map(({ gridPos }) => gridPos.y + gridPos.h));
  return (
    <div style={{ width, padding: MARGIN, boxSizing: 'border-box' }}>
      <Header drawing={drawing} />
      <div style={{ position: 'relative', height: bottom * (ROW_HEIGHT + GAP) }}>
        {board.panels.map((panel) => {
          const place = placeOf(panel, width - 2 * MARGIN);
          return (
            <div key={panel.id} style={{ position: 'absolute', ...place }}>
              {panel.type === 'row' ? (
                <Heading title={panel.title} />
              ) : (
                <FramedPanel
                  panel={panel}
                  frames={frames.get(panel.id) ?? []}
                  error={results[panel.id]?.find(({ error }) => error)?.error}
                  width={place.width}
                  height={place.height}
                  range={range}
                  annotations={annotations}
                />
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function placeOf({ gridPos }: Panel, width: number) {
  const column = (width + GAP) / COLUMNS;
  return {
    left: Math.round(gridPos.x * column),
    top: gridPos.y * (ROW_HEIGHT + GAP),
    width: Math.round(gridPos.w * column - GAP),
    height: gridPos.h * (ROW_HEIGHT + GAP) - GAP,
  };
}

function Header({ drawing }: { drawing: Drawing }) {
  const theme = useTheme2();
  const { board, from, to } = drawing;
  const format = (time: number) => dateTimeFormat(time, { timeZone: 'utc', format: 'YYYY-MM-DD HH:mm:ss' });
  return (
    <header style={{ marginBottom: theme.spacing(2) }}>
      <div style={{ display: 'flex', alignItems: 'center', marginBottom: theme.spacing(2) }}>
        <h1 style={{ ...theme.typography.h3, margin: 0, flexGrow: 1 }}>{board.title}</h1>
        <span style={{ ...box(theme), gap: theme.spacing(1), paddingLeft: theme.spacing(1) }}>
          <Icon name="clock-nine" />
          {format(from)} to {format(to)} <span style={{ color: theme.colors.warning.text }}>UTC</span>
        </span>
      </div>
      <div style={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(1) }}>
        {board.templating.list.map(({ name, label, current }) => (
          <span key={name} style={{ display: 'flex' }}>
            <span style={{ ...box(theme), background: theme.colors.background.secondary }}>{label ?? name}</span>
            <span style={{ ...box(theme), borderLeft: 'none' }}>
              {[current.text].flat().join(' + ')} <Icon name="angle-down" />
            </span>
          </span>
        ))}
        {board.annotations.list.map(({ name, iconColor }) => (
          <span key={name} style={box(theme)}>
            <span style={{ ...dot, background: theme.visualization.getColorByName(iconColor) }} />
            {name}
          </span>
        ))}
      </div>
    </header>
  );
}

function Heading({ title }: { title: string }) {
  const theme = useTheme2();
  return (
    <div style={{ display: 'flex', alignItems: 'center', gap: theme.spacing(1), height: ROW_HEIGHT }}>
      <Icon name="angle-down" />
      <span style={{ ...theme.typography.h5, margin: 0 }}>{title}</span>
    </div>
  );
}

function box(theme: GrafanaTheme2): CSSProperties {
  return {
    display: 'flex',
    alignItems: 'center',
    gap: theme.spacing(0.5),
    height: theme.spacing(4),
    padding: theme.spacing(0, 1),
    border: `1px solid ${theme.colors.border.medium}`,
    borderRadius: theme.shape.radius.default,
    fontSize: theme.typography.size.sm,
    whiteSpace: 'nowrap',
  };
}

const dot: CSSProperties = { width: 10, height: 10, borderRadius: '50%', marginRight: 4 };
