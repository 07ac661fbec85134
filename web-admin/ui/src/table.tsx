import { useState, type ReactNode } from 'react'
import { ActionIcon, Button, Checkbox, Group, Stack, Table, Text } from '@mantine/core'
import { Dialog } from './dialog'
import type { CombinedError } from 'urql'
import { useUi } from './i18n'
import { useFormat } from './format'
import { IconChevron, IconColumns, IconDownload } from './icons'
import { Problem, Waiting } from './states'

export interface Column<Row> {
  key: string
  head: ReactNode
  cell: (row: Row) => ReactNode
  /** What the column comes to, in a last row. */
  total?: ReactNode
  /** Numbers: to the right, figures of one width. */
  numeric?: boolean
  width?: number | string
  /** Name of the order that the server knows for this column. */
  sort?: string
  /** Stays when columns are chosen. */
  fixed?: boolean
}

export interface Sorting {
  by: string
  descending?: boolean
  set: (by: string) => void
}

interface Props<Row> {
  caption: string
  rows: readonly Row[]
  columns: readonly Column<Row>[]
  rowKey: (row: Row) => string
  empty: ReactNode
  /** Keyset paging: asks for the page after the last row. */
  more?: { has: boolean; busy: boolean; load: () => void; total?: number | null | undefined } | undefined
  sorting?: Sorting | undefined
  /** A name under which the choice of columns is remembered; without it all columns are shown. */
  remember?: string
  /** All rows of the list, made by the server, however many are on the screen. */
  exporting?: { busy: boolean; run: (format: 'XLSX' | 'CSV') => void } | undefined
}

const stored = (name: string | undefined): string[] => {
  try {
    return name ? (JSON.parse(localStorage.getItem(`aiscra.columns.${name}`) ?? '[]') as string[]) : []
  } catch {
    return []
  }
}

/** A list of one kind of rows. Pages are appended by cursor; there is no page number that could shift under the reader. */
export function DataTable<Row>({ caption, rows, columns, rowKey, empty, more, sorting, remember, exporting }: Props<Row>) {
  const t = useUi()
  const format = useFormat()
  const [hidden, setHidden] = useState(() => stored(remember))
  if (rows.length === 0) return <>{empty}</>
  const shown = columns.filter((column) => !hidden.includes(column.key))
  const choose = (next: string[]) => {
    setHidden(next)
    if (remember) localStorage.setItem(`aiscra.columns.${remember}`, JSON.stringify(next))
  }
  const order = (column: Column<Row>) =>
    !sorting || !column.sort ? {} : { 'aria-sort': sorting.by !== column.sort ? ('none' as const) : sorting.descending ? ('descending' as const) : ('ascending' as const) }
  return (
    <>
      {(remember || exporting) && (
        <Group justify="flex-end" gap={6} px="md" pb={4} className="no-print">
          {exporting && (['XLSX', 'CSV'] as const).map((kind) => (
            <Button key={kind} size="compact-sm" variant="subtle" leftSection={<IconDownload size={14} />} loading={exporting.busy} onClick={() => exporting.run(kind)} aria-label={t('ui.export', { kind })}>
              {kind}
            </Button>
          ))}
          {remember && <ColumnChoice columns={columns} hidden={hidden} choose={choose} />}
        </Group>
      )}
      <Table.ScrollContainer className="scroller" minWidth={shown.length * 110} type="native" tabIndex={0} role="region" aria-label={caption} pos="relative">
        <Table highlightOnHover>
          <caption className="unseen">{caption}</caption>
          <Table.Thead>
            <Table.Tr>
              {shown.map((column) => (
                <Table.Th key={column.key} scope="col" w={column.width} className={column.numeric ? 'num' : ''} c="dimmed" fz="xs" {...order(column)}>
                  {sorting && column.sort
                    ? <button type="button" className="sort" onClick={() => sorting.set(column.sort!)}>{column.head}<IconChevron size={10} strokeWidth={3} /></button>
                    : column.head}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={rowKey(row)}>
                {shown.map((column) => (
                  <Table.Td key={column.key} className={column.numeric ? 'num' : ''}>{column.cell(row)}</Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
          {shown.some((column) => column.total !== undefined) && (
            <Table.Tfoot>
              <Table.Tr className="totals">
                {shown.map((column, at) => (
                  <Table.Td key={column.key} className={column.numeric ? 'num' : ''}>{column.total ?? (at === 0 ? t('ui.total') : null)}</Table.Td>
                ))}
              </Table.Tr>
            </Table.Tfoot>
          )}
        </Table>
      </Table.ScrollContainer>
      {more && (more.has || more.total != null) && (
        <Group justify="space-between" px="md" py="sm">
          <Text size="xs" c="dimmed">
            {more.total != null
              ? t('ui.shownOf', { shown: format.count(rows.length), total: format.count(more.total) })
              : t('ui.shown', { shown: format.count(rows.length) })}
          </Text>
          {more.has && (
            <Button size="xs" variant="default" loading={more.busy} onClick={more.load}>{t('ui.more')}</Button>
          )}
        </Group>
      )}
    </>
  )
}

function ColumnChoice<Row>({ columns, hidden, choose }: { columns: readonly Column<Row>[]; hidden: string[]; choose: (hidden: string[]) => void }) {
  const t = useUi()
  const [open, setOpen] = useState(false)
  return (
    <>
      <ActionIcon variant="subtle" color="gray" aria-label={t('ui.columns')} title={t('ui.columns')} onClick={() => setOpen(true)}><IconColumns size={16} /></ActionIcon>
      <Dialog opened={open} onClose={() => setOpen(false)} title={t('ui.columns')} size="xs">
        <Stack gap="xs">
          {columns.filter((column) => !column.fixed).map((column) => (
            <Checkbox
              key={column.key} label={column.head} checked={!hidden.includes(column.key)}
              onChange={(event) => choose(event.currentTarget.checked ? hidden.filter((one) => one !== column.key) : [...hidden, column.key])}
            />
          ))}
        </Stack>
      </Dialog>
    </>
  )
}

/** A list that comes in pages: waiting, broken, or its table. */
export function PagedTable<Row>({ pages, lines, ...table }: Omit<Props<Row>, 'rows' | 'more'> & {
  pages: { rows: readonly Row[]; ready: boolean; error: CombinedError | undefined; more: { has: boolean; busy: boolean; load: () => void }; refresh: () => void }
  lines?: number
}) {
  return (
    <>
      {pages.error && <Problem error={pages.error} retry={pages.refresh} />}
      {pages.ready ? <DataTable {...table} rows={pages.rows} more={pages.more} /> : !pages.error && <div style={{ padding: 'var(--mantine-spacing-md)' }}><Waiting lines={lines ?? 6} /></div>}
    </>
  )
}
