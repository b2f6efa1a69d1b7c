import { applyNullInsertThreshold, type DataFrame, FieldType, nullToValue, type TimeRange } from '@grafana/data';
import { TimeSeries, type UPlotConfigBuilder, useTheme2 } from '@grafana/ui';

import type { Annotation } from './drawing';
import type { PanelProps } from './panel';

/** Lines over time, drawn by Grafana's component; annotations look as in Grafana's panel. */
export function Trend({ panel, frames, width, height, range, annotations }: PanelProps) {
  const theme = useTheme2();
  const withAnnotations = (builder: UPlotConfigBuilder) => {
    builder.addHook('draw', (plot) => {
      for (const annotation of annotations) {
        drawAnnotation(plot, annotation, theme.visualization.getColorByName(annotation.color));
      }
    });
    return null;
  };
  return (
    <TimeSeries
      frames={graphable(frames, range)}
      legend={panel.options.legend}
      options={panel.options}
      width={width}
      height={height}
      timeRange={range}
      timeZone="utc"
    >
      {withAnnotations}
    </TimeSeries>
  );
}

/** The parts of a uPlot chart that annotations need. */
interface Plot {
  ctx: CanvasRenderingContext2D;
  bbox: { left: number; top: number; width: number; height: number };
  valToPos(value: number, scale: string, canvas: boolean): number;
}

function drawAnnotation({ ctx, bbox, valToPos }: Plot, annotation: Annotation, color: string): void {
  const right = bbox.left + bbox.width;
  const bottom = bbox.top + bbox.height;
  const place = (time: number) => Math.min(right, Math.max(bbox.left, valToPos(time, 'x', true)));
  const [from, to] = [place(annotation.from), place(annotation.to)];
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = color;
  ctx.setLineDash([5, 5]);
  ctx.beginPath();
  for (const x of annotation.from === annotation.to ? [from] : [from, to]) {
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bottom);
  }
  ctx.stroke();
  if (from === to) {
    ctx.beginPath();
    ctx.moveTo(from, bottom);
    ctx.lineTo(from - 4, bottom + 6);
    ctx.lineTo(from + 4, bottom + 6);
    ctx.fill();
  } else {
    ctx.fillRect(from, bottom, to - from, 5);
    ctx.globalAlpha = 0.1;
    ctx.fillRect(from, bbox.top, to - from, bbox.height);
  }
  ctx.restore();
}

/** As Grafana's panel: null where samples are missing, also at the end, and for values that are not numbers. */
function graphable(frames: DataFrame[], { from, to }: TimeRange): DataFrame[] {
  return frames.map((frame) => {
    const filled = nullToValue(
      applyNullInsertThreshold({ frame, refFieldPseudoMin: from.valueOf(), refFieldPseudoMax: to.valueOf() })
    );
    return {
      ...filled,
      fields: filled.fields.map((field) =>
        field.type === FieldType.number
          ? { ...field, values: field.values.map((value) => (Number.isFinite(value) ? value : null)) }
          : field
      ),
    };
  });
}
