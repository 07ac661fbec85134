import { Button, Group, Paper, Progress, Text } from '@mantine/core'
import { Chip, PagedTable, Empty, PageHead, Refusals, useAct, useFormat, usePages, type Tone } from '@aiscra/ui'
import { graphql, type JobState } from '../../gql'
import { useCan } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { Who } from '../../lib/who'

const query = graphql(`
  query Jobs($after: String) {
    jobs(first: 50, after: $after) {
      nodes { id name state done total message error attempts createdBy createdAt finishedAt }
      pageInfo { hasNextPage endCursor }
    }
  }
`)
const cancelMutation = graphql(`
  mutation JobCancel($input: JobCancelInput!) { jobCancel(input: $input) { job { id state } errors { code field message } } }
`)
const retryMutation = graphql(`
  mutation JobRetry($input: JobRetryInput!) { jobRetry(input: $input) { job { id state } errors { code field message } } }
`)

const tone: Record<JobState, Tone> = { QUEUED: 'busy', RUNNING: 'busy', DONE: 'good', FAILED: 'bad', CANCELLED: 'plain' }

export function Jobs() {
  const t = useT()
  const format = useFormat()
  const can = useCan()
  const pages = usePages(query, {}, (data) => data.jobs)
  const cancel = useAct(cancelMutation)
  const retry = useAct(retryMutation)
  return (
    <>
      <PageHead title={t('nav.jobs')} lead={t('jobs.lead')}>
        <Button variant="default" onClick={pages.refresh}>{t('common.refresh')}</Button>
      </PageHead>
      <Refusals errors={[...cancel.errors, ...retry.errors]} />
      <Paper withBorder>
        <PagedTable
          caption={t('nav.jobs')} pages={pages} rowKey={(row) => row.id}
          empty={<Empty title={t('jobs.none')} />}
          columns={[
            { key: 'kind', head: t('jobs.kind'), cell: (row) => <div>{row.name}{row.message && <Text size="xs" c="dimmed">{row.message}</Text>}</div> },
            { key: 'state', head: t('common.state'), cell: (row) => (
              <div>
                <Chip tone={tone[row.state]}>{t(`enum.JobState.${row.state}`)}</Chip>
                {row.error && <Text size="xs" c="var(--bad)">{row.error}</Text>}
              </div>
            ) },
            { key: 'progress', head: t('jobs.progress'), cell: (row) => row.state === 'DONE' ? (
              // Done is done, however many steps were foreseen.
              <Progress value={100} size="sm" color="teal" aria-label={t('jobs.progress')} />
            ) : row.total > 0 ? (
              <div>
                <Text size="xs" className="tab">{t('common.of', { done: format.count(row.done), total: format.count(row.total) })}</Text>
                <Progress value={(100 * row.done) / row.total} size="sm" aria-label={t('jobs.progress')} />
              </div>
            ) : '—' },
            { key: 'attempts', head: t('jobs.attempts'), numeric: true, cell: (row) => row.attempts },
            { key: 'who', head: t('jobs.by'), cell: (row) => <div><Who by={row.createdBy} /><Text size="xs" c="dimmed">{format.dateTime(row.createdAt)}</Text></div> },
            ...(can('JOB_CONTROL') ? [{
              key: 'act', head: <span className="skip">{t('jobs.act')}</span>,
              cell: (row: (typeof pages.rows)[number]) => (
                <Group gap={4}>
                  {(row.state === 'QUEUED' || row.state === 'RUNNING') && (
                    <Button size="compact-xs" variant="default" onClick={() => void cancel.run({ id: row.id })}>{t('common.cancel')}</Button>
                  )}
                  {(row.state === 'FAILED' || row.state === 'CANCELLED') && (
                    <Button size="compact-xs" variant="default" onClick={() => void retry.run({ id: row.id })}>{t('jobs.retry')}</Button>
                  )}
                </Group>
              ),
            }] : []),
          ]}
        />
      </Paper>
    </>
  )
}
