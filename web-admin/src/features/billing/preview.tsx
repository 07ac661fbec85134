import { Group, Paper, Stack, Text } from '@mantine/core'
import { Link, getRouteApi } from '@tanstack/react-router'
import { useQuery } from 'urql'
import { Answer, Chip, IconBack, PageHead, useFormat } from '@aiscra/ui'
import { graphql } from '../../gql'
import { NotFound } from '../../app/not-found'
import { useT } from '../../lib/i18n'
import { ExplainedLines } from './lines'

const accountQuery = graphql(`
  query PreviewAccount($number: String!) { account(number: $number) { id number address } }
`)

const query = graphql(`
  query BillPreview($account: ID!) {
    billPreview(account: $account) {
      period gross excuse
      lines {
        equal
        line { service component basis from to volume price coefficient vatRate net vat gross }
        tree { ...PreviewStep children { ...PreviewStep children { ...PreviewStep children { ...PreviewStep children { ...PreviewStep children { ...PreviewStep children { ...PreviewStep } } } } } } }
      }
    }
  }
  fragment PreviewStep on ExplainNode { kind label value unit source }
`)

const route = getRouteApi('/accounts/$number/preview')

/** What the bill of the open month would be with the facts known now. Nothing is written. */
export function PreviewPage() {
  const t = useT()
  const format = useFormat()
  const { number } = route.useParams()
  const [found] = useQuery({ query: accountQuery, variables: { number } })
  const account = found.data?.account
  const [result, refetch] = useQuery({ query, variables: { account: account?.id ?? '' }, pause: !account, requestPolicy: 'network-only' })
  if (found.data && !account) return <NotFound />
  return (
    <>
      <Link className="row-link" to="/accounts/$number" params={{ number }}>
        <Group gap={2} component="span" display="inline-flex"><IconBack size={15} />{t('subscribers.account', { number })}</Group>
      </Link>
      <Answer result={{ ...result, error: found.error ?? result.error }} retry={() => refetch({ requestPolicy: 'network-only' })} lines={6}>
        {({ billPreview }) => (
          <>
            <PageHead title={t('billing.previewFor', { period: format.period(billPreview.period) })} lead={account?.address}>
              <Chip tone="warn">{t('billing.previewMark')}</Chip>
            </PageHead>
            <Stack>
              <Paper withBorder p="lg">
                <Text size="sm" c="dimmed">{t('billing.charged')}</Text>
                <Text fz={26} fw={700} className="tab">{format.money(billPreview.gross)}</Text>
                {billPreview.excuse && <Chip tone="plain">{billPreview.excuse}</Chip>}
              </Paper>
              <ExplainedLines lines={billPreview.lines} />
            </Stack>
          </>
        )}
      </Answer>
    </>
  )
}
