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
}

/** Draws into the element and follows its width; the answer takes it away again. */
export function draw(element: HTMLElement, { labels, full, series }: Drawn): () => void {
  const style = getComputedStyle(element)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  const text = { color: colour('--mantine-color-dimmed'), fontFamily: style.fontFamily, fontSize: 12 }
  const short = new Intl.NumberFormat(document.documentElement.lang === 'en' ? 'en-GB' : 'ru-RU', { notation: 'compact', maximumFractionDigits: 1 })
  // One axis for each way of reading a value (money, volume), two at most.
  const scales = [...new Set(series.map((one) => one.format))].slice(0, 2)
  const option: EChartsCoreOption = {
    animation: false,
    color: [colour('--chart-1'), colour('--chart-2'), colour('--chart-3')],
    textStyle: text,
    grid: { left: 4, right: scales.length > 1 ? 4 : 8, top: series.length > 1 ? 34 : 10, bottom: 2, containLabel: true },
    ...(series.length > 1 ? { legend: { top: 0, left: 0, itemHeight: 10, itemWidth: 14, textStyle: { ...text, color: colour('--mantine-color-text') } } } : {}),
    tooltip: {
      trigger: 'axis', confine: true, backgroundColor: colour('--panel'), borderColor: colour('--line'), textStyle: { ...text, color: colour('--mantine-color-text') },
      formatter: (points: { dataIndex: number }[]) => {
        const index = points[0]?.dataIndex ?? 0
        const shell = document.createElement('div')
        const lines = [full[index] ?? '', ...series.map((one) => `${one.name}: ${one.values[index] == null ? '—' : one.format(one.values[index]!)}`)]
        lines.forEach((line, place) => {
          const row = document.createElement('div')
          row.textContent = line
          if (place === 0) row.style.fontWeight = '600'
          shell.append(row)
        })
        return shell
      },
    },
    xAxis: { type: 'category', data: [...labels], axisLabel: text, axisTick: { show: false }, axisLine: { lineStyle: { color: colour('--line') } } },
    yAxis: scales.map((_, index) => ({
      type: 'value', splitNumber: 3, axisLabel: { ...text, formatter: (value: number) => short.format(value) },
      splitLine: { show: index === 0, lineStyle: { color: colour('--chart-grid') } },
    })),
    series: series.map((one) => ({
      type: one.kind ?? 'bar', name: one.name, yAxisIndex: Math.max(0, scales.indexOf(one.format)),
      // The picture may round; the figures beside it do not.
      data: one.values.map((value) => (value == null ? null : Number(value))),
      barMaxWidth: 28, symbolSize: 6, lineStyle: { width: 2.5 }, itemStyle: { borderRadius: [3, 3, 0, 0] },
    })),
  }
  const chart = init(element, null, { renderer: 'svg' })
  chart.setOption(option)
  const observer = new ResizeObserver(() => chart.resize())
  observer.observe(element)
  return () => {
    observer.disconnect()
    chart.dispose()
  }
}
