import type { ReactNode } from 'react'
import { Button, Group, Table, Text } from '@mantine/core'
import { useUi } from './i18n'
import { useFormat } from './format'

export interface Column<Row> {
  key: string
  head: ReactNode
  cell: (row: Row) => ReactNode
  /** Numbers: to the right, figures of one width. */
  numeric?: boolean
  width?: number | string
}

interface Props<Row> {
  caption: string
  rows: readonly Row[]
  columns: readonly Column<Row>[]
  rowKey: (row: Row) => string
  empty: ReactNode
  /** Keyset paging: asks for the page after the last row. */
  more?: { has: boolean; busy: boolean; load: () => void; total?: number | null | undefined } | undefined
  foot?: ReactNode
}

/** A list of one kind of rows. Pages are appended by cursor; there is no page number that could shift under the reader. */
export function DataTable<Row>({ caption, rows, columns, rowKey, empty, more, foot }: Props<Row>) {
  const t = useUi()
  const format = useFormat()
  if (rows.length === 0) return <>{empty}</>
  return (
    <>
      <Table.ScrollContainer minWidth={columns.length * 110} type="native" tabIndex={0} role="region" aria-label={caption}>
        <Table highlightOnHover>
          <caption style={{ position: 'absolute', width: 1, height: 1, overflow: 'hidden', clipPath: 'inset(50%)' }}>{caption}</caption>
          <Table.Thead>
            <Table.Tr>
              {columns.map((column) => (
                <Table.Th key={column.key} scope="col" w={column.width} className={column.numeric ? 'num' : ''} c="gray.7" fz="xs">
                  {column.head}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={rowKey(row)}>
                {columns.map((column) => (
                  <Table.Td key={column.key} className={column.numeric ? 'num' : ''}>{column.cell(row)}</Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
          {foot && <Table.Tfoot>{foot}</Table.Tfoot>}
        </Table>
      </Table.ScrollContainer>
      {more && (more.has || more.total != null) && (
        <Group justify="space-between" px="md" py="sm">
          <Text size="xs" c="gray.7">
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
