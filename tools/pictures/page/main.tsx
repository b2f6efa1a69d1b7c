import {
  createTheme,
  type DataFrame,
  dateTime,
  standardTransformers,
  standardTransformersRegistry,
  ThemeContext,
  type TimeRange,
  transformDataFrame,
} from '@grafana/data';
import { GlobalStyles } from '@grafana/ui';
import type { ReactNode } from 'react';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { lastValueFrom } from 'rxjs';

import { Board } from './board';
import type { Drawing } from './drawing';
import { asWritten, configured } from './fields';
import { framesOf } from './frames';

const theme = createTheme({ colors: { mode: 'dark' } });

// One of them is listed twice, under its current and its former name.
const { seriesToColumnsTransformer: _, ...transformers } = standardTransformers;
standardTransformersRegistry.setInit(() =>
  Object.values(transformers).map((transformation) => ({
    id: transformation.id,
    name: transformation.name,
    transformation: () => Promise.resolve(transformation),
    editor: () => null,
    imageDark: '',
    imageLight: '',
  }))
);

declare global {
  interface Window {
    draw(drawing: Drawing): Promise<void>;
  }
}

window.draw = async (drawing) => {
  const frames = new Map<number, DataFrame[]>();
  for (const panel of drawing.board.panels.filter(({ type }) => type !== 'row')) {
    const queried = framesOf(drawing.results[panel.id] ?? []);
    const transformed = transformDataFrame(panel.transformations ?? [], queried, { interpolate: asWritten });
    frames.set(panel.id, configured(panel, await lastValueFrom(transformed), theme));
  }
  const root = createRoot(document.body.appendChild(document.createElement('div')));
  const themed = (content?: ReactNode) => (
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      {content}
    </ThemeContext.Provider>
  );
  // Load fonts first: a chart measures its axis labels once, with the fonts available at that time.
  flushSync(() => root.render(themed()));
  await Promise.allSettled([...document.fonts].map((font) => font.load()));
  root.render(themed(<Board drawing={drawing} frames={frames} range={rangeOf(drawing)} width={window.innerWidth} />));
};

function rangeOf({ from, to }: Drawing): TimeRange {
  const [begin, end] = [dateTime(from), dateTime(to)];
  return { from: begin, to: end, raw: { from: begin, to: end } };
}
