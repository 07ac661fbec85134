// The only file that knows ECharts: bars and lines in the colours of the theme.
import { BarChart, LineChart } from 'echarts/charts'
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components'
import { init, use, type EChartsCoreOption } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'

use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, SVGRenderer])

interface Drawn {
  labels: readonly string[]
  full: readonly string[]
  series: readonly { name: string; values: readonly (string | null)[]; kind?: 'bar' | 'line'; format: (value: string) => string }[]
  /** Bars of a row stand on each other; `total` names their sum. */
  stacked?: boolean
  total?: string
  /** Rows go down the page: for long names. */
  sideways?: boolean
  /** Each row says its size beside its bar. */
  sizes?: boolean
  pick?: ((row: number, series?: number) => void) | undefined
}

/** Stripes and dots, so that parts of a bar differ without their colours. */
const textures = [
  undefined,
  { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: -Math.PI / 4, color: 'rgba(255,255,255,0.55)' },
  { symbol: 'circle', symbolSize: 0.7, dashArrayX: [[6, 6], [0, 6, 6, 0]], dashArrayY: [6, 0], color: 'rgba(255,255,255,0.7)' },
]

const still = () => matchMedia('(prefers-reduced-motion: reduce)').matches

export interface Drawing {
  /** Draws these figures; newer ones move what is there. */
  paint(drawn: Drawn): void
  /** Takes everything away again. */
  stop(): void
}

/** Draws into the element and follows its size. */
export function draw(element: HTMLElement): Drawing {
  const chart = init(element, null, { renderer: 'svg' })
  let pick: Drawn['pick']
  let rows: readonly string[] = []
  let last: Drawn | undefined
  chart.on('click', (event) => {
    const { componentType, dataIndex, seriesIndex, value } = event as { componentType: string; dataIndex?: number; seriesIndex?: number; value?: unknown }
    if (componentType === 'series' && dataIndex !== undefined) pick?.(dataIndex, seriesIndex)
    else if (rows.includes(String(value))) pick?.(rows.indexOf(String(value)))
  })
  // Beside a bar, but in its row, is near enough.
  chart.getZr().on('click', ({ offsetX, offsetY, target }: { offsetX: number; offsetY: number; target?: unknown }) => {
    if (target || !chart.containPixel({ gridIndex: 0 }, [offsetX, offsetY])) return
    const found = chart.convertFromPixel({ gridIndex: 0 }, [offsetX, offsetY]) as number[]
    const row = found[last?.sideways ? 1 : 0]
    if (row !== undefined && rows[row] !== undefined) pick?.(row)
  })
  const observer = new ResizeObserver(() => {
    chart.resize()
    // How many lines the names take depends on the width.
    if (last) chart.setOption(optionOf(element, last, false), { replaceMerge: ['series'] })
  })
  observer.observe(element)
  return {
    paint(drawn) {
      pick = drawn.pick
      rows = drawn.labels
      chart.setOption(optionOf(element, drawn, Boolean(last) && !still()), { replaceMerge: ['series'] })
      last = drawn
    },
    stop() {
      observer.disconnect()
      chart.dispose()
    },
  }
}

/** Lines that the names of a legend take. */
function linesOf(names: readonly string[], size: number, width: number): number {
  let [lines, filled] = [1, 0]
  for (const name of names) {
    const wide = size * (2.6 + 0.6 * name.length)
    if (filled > 0 && filled + wide > width) [lines, filled] = [lines + 1, 0]
    filled += wide
  }
  return lines
}

function optionOf(element: HTMLElement, { labels, full, series, stacked, total, sideways, sizes, pick }: Drawn, moves: boolean): EChartsCoreOption {
  const style = getComputedStyle(element)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  const size = Number.parseFloat(style.fontSize) || 12
  const text = { color: colour('--mantine-color-dimmed'), fontFamily: style.fontFamily, fontSize: size, lineHeight: Math.round(size * 1.3) }
  const strong = { ...text, color: colour('--mantine-color-text') }
  const { lang } = document.documentElement
  const compact = new Intl.NumberFormat(lang === 'en' ? 'en-GB' : 'ru-RU', { notation: 'compact', maximumFractionDigits: 1 })
  const short = (value: number) => (lang === 'kk' ? compact.format(value).replace('тыс.', 'мың') : compact.format(value))
  // One axis for each way of reading a value (money, volume), two at most.
  const scales = [...new Set(series.map((one) => one.format))].slice(0, 2)
  const sums = labels.map((_, row) => series.reduce((sum, one) => sum + Number(one.values[row] ?? 0), 0))
  const several = series.length > 1
  const width = element.clientWidth
  const legend = several ? linesOf(series.map((one) => one.name), size, width) : 0
  const names = {
    type: 'category', data: [...labels], axisTick: { show: false }, axisLine: { lineStyle: { color: colour('--line') } },
    // Where every bar says its size, every bar is named.
    axisLabel: sideways ? { ...strong, interval: 0 } : { ...text, ...(sizes ? { interval: 0, width: width / Math.max(1, labels.length) - 6, overflow: 'break' } : {}) },
    inverse: sideways ?? false, triggerEvent: Boolean(pick),
  }
  const values = scales.map((_, index) => ({
    type: 'value', splitNumber: 3, axisLabel: { ...text, formatter: short, hideOverlap: true, show: !sizes },
    splitLine: { show: index === 0 && !sizes, lineStyle: { color: colour('--chart-grid') } },
  }))
  const place = sideways ? 'right' : 'top'
  // A line among stacked bars is what they are measured against.
  const onOthers = (one: Drawn['series'][number]) => stacked && one.kind !== 'line'
  return {
    animation: moves,
    animationDurationUpdate: 400,
    color: [colour('--chart-1'), colour('--chart-2'), colour('--chart-3')],
    textStyle: text,
    grid: {
      left: 4, right: sideways && sizes ? size * 6 : scales.length > 1 ? 4 : 8, top: several ? size * (0.9 + 1.9 * legend) : sizes ? size * 1.8 : 10, bottom: size * 0.5, containLabel: true,
    },
    ...(several ? { legend: { top: 0, left: 0, itemHeight: size * 0.85, itemWidth: size * 1.2, textStyle: strong, data: series.map((one) => one.name), selectedMode: !sizes } } : {}),
    tooltip: {
      trigger: 'axis', confine: true, axisPointer: { type: 'shadow' }, backgroundColor: colour('--panel'), borderColor: colour('--line'), textStyle: strong,
      formatter: (points: { dataIndex: number }[]) => {
        const index = points[0]?.dataIndex ?? 0
        const shell = document.createElement('div')
        const said = series.map((one) => `${one.name}: ${one.values[index] == null ? '—' : one.format(one.values[index]!)}`)
        ;[full[index] ?? '', ...said].forEach((line, number) => {
          const row = document.createElement('div')
          row.textContent = line
          if (number === 0) row.style.fontWeight = '600'
          shell.append(row)
        })
        return shell
      },
    },
    ...(sideways ? { yAxis: names, xAxis: values } : { xAxis: names, yAxis: values }),
    series: [
      ...series.map((one, index) => ({
        // The same id is the same bar or line, which moves instead of being drawn anew.
        id: `part${index}`, type: one.kind ?? 'bar', name: one.name, [sideways ? 'xAxisIndex' : 'yAxisIndex']: Math.max(0, scales.indexOf(one.format)),
        ...(onOthers(one) ? { stack: 'all' } : {}),
        // The picture may round; the figures beside it do not.
        data: one.values.map((value) => (value == null ? null : Number(value))),
        barMaxWidth: size * 2.4, symbolSize: 6, lineStyle: { width: 2.5 }, cursor: pick ? 'pointer' : 'default',
        itemStyle: onOthers(one) ? (textures[index] ? { decal: { ...textures[index] } } : {}) : { borderRadius: sideways ? [0, 3, 3, 0] : [3, 3, 0, 0] },
        ...(sizes && !stacked ? { label: { ...strong, show: true, position: place, formatter: ({ value }: { value: number }) => short(value) } } : {}),
      })),
      // Nothing is drawn but the sum, at the end of the parts.
      ...(sizes && stacked ? [{
        id: 'sum', type: 'bar', name: total, stack: 'all', silent: true, data: sums.map(() => 0), tooltip: { show: false },
        label: { ...strong, fontWeight: 600, show: true, position: place, formatter: ({ dataIndex }: { dataIndex: number }) => short(sums[dataIndex]!) },
      }] : []),
    ],
  }
}
