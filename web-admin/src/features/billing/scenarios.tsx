// Scenarios: named changes of the tariff book and what a month would come to with them.
import { Button, Paper, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Chip, Empty, IconPlus, PageHead, PagedTable, useFormat, usePages, type Tone } from '@aiscra/ui'
import { graphql, type ScenarioStatus } from '../../gql'
import { Can } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { Who } from '../../lib/who'
import { Signed } from './scenario-parts'

const query = graphql(`
  query Scenarios($after: String) {
    scenarios(first: 30, after: $after) {
      nodes { id name period sectors status createdBy createdAt changes { text } total { difference before { gross } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`)

export const scenarioTone: Record<ScenarioStatus, Tone> = { QUEUED: 'busy', RUNNING: 'busy', DONE: 'good', FAILED: 'bad', CANCELLED: 'plain' }
const few = 3

export function Scenarios() {
  const t = useT()
  const format = useFormat()
  const pages = usePages(query, {}, (data) => data.scenarios)
  return (
    <>
      <PageHead title={t('nav.scenarios')} lead={t('scenario.lead')}>
        <Can do="SCENARIO_WRITE">
          <Link to="/scenarios/new"><Button component="span" leftSection={<IconPlus size={16} />}>{t('scenario.new')}</Button></Link>
        </Can>
      </PageHead>
      <Paper withBorder>
        <PagedTable
          caption={t('nav.scenarios')} pages={pages} rowKey={(row) => row.id}
          empty={<Empty title={t('scenario.none')}>{t('scenario.noneText')}</Empty>}
          columns={[
            {
              key: 'name', head: t('scenario.name'), width: 240,
              cell: (row) => <div><Link className="row-link" to="/scenarios/$id" params={{ id: row.id }}>{row.name}</Link><Text size="xs" c="dimmed"><Who by={row.createdBy} />, {format.dateTime(row.createdAt)}</Text></div>,
            },
            { key: 'period', head: t('common.period'), cell: (row) => <div>{format.period(row.period)}<Text size="xs" c="dimmed">{row.sectors.map((one) => t(`enum.Sector.${one}`)).join(', ')}</Text></div> },
            {
              key: 'changes', head: t('scenario.changes'), width: 320,
              cell: (row) => (
                <div>
                  {row.changes.length === 0 && '—'}
                  {row.changes.slice(0, few).map((one, index) => <Text key={index} size="sm">{one.text}</Text>)}
                  {row.changes.length > few && <Text size="xs" c="dimmed">{t('preview.moreHere', { count: format.count(row.changes.length - few) })}</Text>}
                </div>
              ),
            },
            { key: 'state', head: t('common.state'), cell: (row) => <Chip tone={scenarioTone[row.status]}>{t(`enum.ScenarioStatus.${row.status}`)}</Chip> },
            { key: 'gross', head: t('scenario.before'), numeric: true, cell: (row) => (row.total ? format.money(row.total.before.gross) : '—') },
            { key: 'difference', head: t('scenario.difference'), numeric: true, cell: (row) => (row.total ? <Signed value={row.total.difference} /> : '—') },
          ]}
        />
      </Paper>
    </>
  )
}
