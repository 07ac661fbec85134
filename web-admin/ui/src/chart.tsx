// Charts: drawn as SVG by ECharts, which is fetched only when one is on the screen. The same figures stand in a table, so
// nothing is said by a picture alone.
import { useEffect, useId, useRef, useState, type ReactNode } from 'react'
import { Button, Table, useComputedColorScheme } from '@mantine/core'
import type { Drawing } from './chart-draw'
import { useFormat } from './format'
import { useUi } from './i18n'

export interface Series {
  name: string
  /** Exact decimal strings; null where nothing is known. */
  values: readonly (string | null)[]
  kind?: 'bar' | 'line'
  /** How a value reads: money unless said. */
  format?: (value: string) => string
}

export function Chart({ title, labels, full, series, height = 220, tableFirst, corner, total, onPick, rowLink, stacked, sideways, sizes }: {
  title: string
  /** Under the axis, short. */
  labels: readonly string[]
  /** In the table and the tip, in full. */
  full: readonly string[]
  series: readonly Series[]
  /** Pixels, or a length of CSS. */
  height?: number | string
  tableFirst?: boolean
  /** Head of the first column of the table. */
  corner: ReactNode
  /** A last column of the table, and the sum of a stacked row. */
  total?: { name: string; values: readonly string[] }
  /** A click on a row of the picture, and on which of its parts. Who cannot point has `rowLink` in the table. */
  onPick?: (row: number, series?: number) => void
  rowLink?: (row: number) => ReactNode
  stacked?: boolean
  sideways?: boolean
  sizes?: boolean
}) {
  const t = useUi()
  const { money, language } = useFormat()
  const box = useRef<HTMLDivElement>(null)
  const drawing = useRef<Promise<Drawing | undefined>>(undefined)
  const pick = useRef(onPick)
  useEffect(() => {
    pick.current = onPick
  })
  const [table, setTable] = useState(tableFirst ?? false)
  const id = useId()
  const scheme = useComputedColorScheme('light')
  const key = JSON.stringify([labels, series.map((one) => [one.name, one.values, one.kind])])

  useEffect(() => {
    const element = box.current
    if (!element) return
    let alive = true
    // Labels are measured when they are drawn: not before their letters are here.
    const made = Promise.all([import('./chart-draw'), document.fonts?.ready]).then(([{ draw }]) => (alive ? draw(element) : undefined))
    drawing.current = made
    return () => {
      alive = false
      drawing.current = undefined
      void made.then((drawn) => drawn?.stop())
    }
  }, [])
  useEffect(() => {
    const made = drawing.current
    void made?.then((drawn) => {
      if (drawing.current !== made) return
      drawn?.paint({
        labels, full, series: series.map((one) => ({ ...one, format: one.format ?? money })),
        ...(total ? { total: total.name } : {}), stacked: stacked ?? false, sideways: sideways ?? false, sizes: sizes ?? false,
        pick: onPick && ((row, part) => pick.current?.(row, part)),
      })
    })
    // `key` stands for the data, which is made anew on each render.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [key, scheme, language])

  const wide = [...series, ...(total ? [{ name: total.name, values: total.values } satisfies Series] : [])] as Series[]
  return (
    <figure style={{ margin: 0 }} aria-label={title}>
      <div ref={box} className="chart" style={{ height }} aria-hidden="true" />
      <div className="no-print chart-toggle">
        <Button size="compact-xs" variant="subtle" aria-expanded={table} aria-controls={id} onClick={() => setTable(!table)}>
          {table ? t('ui.chart.hideTable') : t('ui.chart.table')}
        </Button>
      </div>
      <div id={id} className={table ? '' : 'unseen'} tabIndex={-1}>
        <Table verticalSpacing={4} horizontalSpacing="xs" fz="sm">
          <caption className="unseen">{title}</caption>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col" fz="xs" c="dimmed">{corner}</Table.Th>
              {wide.map((one) => <Table.Th key={one.name} scope="col" className="num" fz="xs" c="dimmed">{one.name}</Table.Th>)}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {full.map((label, index) => (
              <Table.Tr key={label}>
                <Table.Th scope="row" fw={400}>{table && rowLink ? rowLink(index) : label}</Table.Th>
                {wide.map((one) => {
                  const value = one.values[index]
                  return <Table.Td key={one.name} className="num">{value == null ? '—' : (one.format ?? money)(value)}</Table.Td>
                })}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </figure>
  )
}
