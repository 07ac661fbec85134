// A return of what was taken in an earlier shift: by the account, its receipts at the cashier's desks, newest first.
import { useState, type FormEvent } from 'react'
import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { useClient } from 'urql'
import { DataTable, Empty, Problem, Waiting, useFormat, usePages } from '@aiscra/ui'
import { graphql, type CashSalesQuery } from '../../gql'
import { useT } from '../../lib/i18n'
import { byNumber } from './find'
import { RefundForm } from './journal'
import { exact, tiyn } from './tender'

const salesQuery = graphql(`
  query CashSales($account: ID!, $after: String) {
    cashSales(accountId: $account, first: 20, after: $after) {
      nodes {
        id number kind at day by cash card rounding given change undone returnedCash returnedCard person basis bag slipPath
        desk { id code }
        lines { n asked cash card account { id number } }
        order { id number paperPath }
        receipt { id state checkNumber errorCode error }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`)
type Sale = CashSalesQuery['cashSales']['nodes'][number]

interface Props {
  deskId: string
  close: () => void
  done: () => void
}

export function OlderSale({ deskId, close, done }: Props) {
  const t = useT()
  const client = useClient()
  const [typed, setTyped] = useState('')
  const [account, setAccount] = useState<string | null>(null)
  const [says, setSays] = useState<string | null>(null)
  const [sale, setSale] = useState<Sale | null>(null)
  const look = async (event: FormEvent) => {
    event.preventDefault()
    const number = typed.trim()
    if (!number) return
    const answer = await client.query(byNumber, { number }, { requestPolicy: 'network-only' }).toPromise()
    setAccount(answer.data?.account?.id ?? null)
    setSays(answer.data?.account ? null : answer.error ? t('cash.noLine') : t('cash.noAccount', { number }))
  }
  if (sale) return <RefundForm one={sale} deskId={deskId} close={close} done={done} />
  return (
    <Stack>
      <form onSubmit={(event) => void look(event)} noValidate>
        <Group align="flex-end" gap="sm">
          <TextInput data-autofocus flex={1} label={t('cash.account')} inputMode="numeric" value={typed} error={says} onChange={(event) => { setTyped(event.currentTarget.value); setSays(null) }} />
          <Button type="submit" variant="default">{t('cash.olderFind')}</Button>
        </Group>
      </form>
      {account ? <Sales key={account} account={account} pick={setSale} /> : <Text size="sm" c="dimmed">{t('cash.olderText')}</Text>}
    </Stack>
  )
}

const left = (sale: Sale) => tiyn(sale.cash) + tiyn(sale.card) - tiyn(sale.returnedCash) - tiyn(sale.returnedCard)

function Sales({ account, pick }: { account: string; pick: (sale: Sale) => void }) {
  const t = useT()
  const format = useFormat()
  const pages = usePages(salesQuery, { account }, (data) => data.cashSales)
  if (pages.error) return <Problem error={pages.error} retry={pages.refresh} />
  if (!pages.ready) return <Waiting lines={4} />
  return (
    <DataTable
      caption={t('cash.older')} rows={pages.rows} rowKey={(row) => row.id} more={pages.more} empty={<Empty title={t('cash.noSales')} />}
      columns={[
        { key: 'at', head: t('cash.day'), cell: (row) => <span className="tab">{format.dateTime(row.at)}</span> },
        { key: 'desk', head: t('cash.desk'), cell: (row) => row.desk.code },
        { key: 'sum', head: t('cash.total'), numeric: true, cell: (row) => <div>{format.money(exact(tiyn(row.cash) + tiyn(row.card)))}<Text size="xs" c="dimmed">{t('cash.byMeans', { cash: format.money(row.cash), card: format.money(row.card) })}</Text></div> },
        {
          key: 'act', head: '',
          cell: (row) => row.undone ? <Text size="sm" c="dimmed">{t('cash.voided')}</Text>
            : left(row) > 0n ? <Button size="compact-sm" variant="default" onClick={() => pick(row)}>{t('cash.refund')}</Button>
              : <Text size="sm" c="dimmed">{t('cash.givenBack', { sum: format.money(exact(tiyn(row.returnedCash) + tiyn(row.returnedCard))) })}</Text>,
        },
      ]}
    />
  )
}
