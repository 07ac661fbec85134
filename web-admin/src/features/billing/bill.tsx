import { Button, Group, Paper, Stack, Text } from '@mantine/core'
import { Link, getRouteApi } from '@tanstack/react-router'
import { useQuery } from 'urql'
import { Answer, Chip, DataTable, IconBack, IconPrint, PageHead, Section, sign, unsigned, useFormat } from '@aiscra/ui'
import { graphql, type BillQuery } from '../../gql'
import { NotFound } from '../../app/not-found'
import { useT } from '../../lib/i18n'
import { PaperButton } from '../platform/made'
import { BillSum, EqualityMark, ExplainedLines } from './lines'
import { Standing } from './standing'

const query = graphql(`
  query Bill($id: ID!) {
    bill(id: $id) {
      id period opening charged corrected paid closing dueOn issuedAt excuse pdf
      corrections { number reason basis from to gross }
      account { id number address }
      explanation {
        equal recalculated
        lines {
          equal
          line { service component basis from to volume price coefficient vatRate net vat gross }
          tree { ...Step children { ...Step children { ...Step children { ...Step children { ...Step children { ...Step children { ...Step } } } } } } }
        }
      }
    }
  }
  fragment Step on ExplainNode { kind label value unit source }
`)

const route = getRouteApi('/bills/$id')

export function BillPage() {
  const t = useT()
  const format = useFormat()
  const { id } = route.useParams()
  const [result, refetch] = useQuery({ query, variables: { id } })
  return (
    <Answer result={result} retry={() => refetch({ requestPolicy: 'network-only' })} lines={8}>
      {({ bill }) =>
        !bill ? <NotFound /> : (
          <>
            <Link className="row-link" to="/accounts/$number" params={{ number: bill.account.number }} search={{ tab: 'bills' }}>
              <Group gap={2} component="span" display="inline-flex"><IconBack size={15} />{t('subscribers.account', { number: bill.account.number })}</Group>
            </Link>
            <PageHead title={t('billing.billFor', { period: format.period(bill.period) })} lead={bill.account.address}>
              {bill.issuedAt
                ? <Chip tone="good">{t('billing.issuedAt', { moment: format.dateTime(bill.issuedAt) })}</Chip>
                : <Chip tone="warn">{t('billing.notIssued')}</Chip>}
              <PaperButton path={bill.pdf} />
              <Button variant="default" size="xs" leftSection={<IconPrint size={15} />} onClick={() => print()}>{t('design.print')}</Button>
            </PageHead>
            <Stack>
              <Paper withBorder p="lg">
                <Group justify="space-between" align="flex-start" gap="xl">
                  <BillSum bill={bill} />
                  <Stack gap={6} align="flex-end">
                    <Text size="sm" c="dimmed">{t('billing.dueOn', { date: format.date(bill.dueOn) })}</Text>
                    <Group gap="xs">
                      <Text size="sm">{t('billing.recalculated')} <b className="tab">{format.money(bill.explanation.recalculated)}</b></Text>
                      <EqualityMark equal={bill.explanation.equal} />
                    </Group>
                    {bill.excuse && <Chip tone="plain">{bill.excuse}</Chip>}
                  </Stack>
                </Group>
              </Paper>
              <BillCorrections rows={bill.corrections} />
              <ExplainedLines lines={bill.explanation.lines} />
              <Standing key={bill.id} id={bill.id} />
            </Stack>
          </>
        )
      }
    </Answer>
  )
}

/** What corrections did to the month, each with what it rests on. */
function BillCorrections({ rows }: { rows: NonNullable<BillQuery['bill']>['corrections'] }) {
  const t = useT()
  const format = useFormat()
  if (rows.length === 0) return null
  return (
    <Section title={t('billing.corrections')}>
      <DataTable
        caption={t('billing.corrections')} rows={rows} rowKey={(row) => `${row.reason} ${row.number} ${row.gross}`} empty={null}
        columns={[
          { key: 'reason', head: t('corrections.reason'), cell: (row) => <div>{row.reason}<Text size="xs" c="dimmed">{row.basis}</Text></div> },
          { key: 'months', head: t('corrections.months'), cell: (row) => (row.from === row.to ? format.period(row.from) : `${format.period(row.from)} – ${format.period(row.to)}`) },
          { key: 'gross', head: t('billing.gross'), numeric: true, cell: (row) => <b>{sign(row.gross) < 0 ? '\u2212' : '+'}{format.money(unsigned(row.gross))}</b> },
        ]}
      />
    </Section>
  )
}
