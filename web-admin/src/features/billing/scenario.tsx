// One scenario: the picture first, then the tables, one account at once, and another scenario beside it.
import { useState, type FormEvent } from 'react'
import { Alert, Button, Checkbox, Group, NativeSelect, Progress, Stack, Text, TextInput } from '@mantine/core'
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router'
import { useClient, useQuery } from 'urql'
import { Answer, Chart, Chip, Confirm, DataTable, Empty, Figures, IconBack, PageHead, Refusals, Section, useAct, useFormat } from '@aiscra/ui'
import { graphql, type ScenarioAccountQuery } from '../../gql'
import { NotFound } from '../../app/not-found'
import { Can, useCan, useViewer } from '../../lib/can'
import { useCodes } from '../../lib/codes'
import { Failure } from '../../lib/failure'
import { useT } from '../../lib/i18n'
import { useAgainWhile } from '../../lib/poll'
import { useExport } from '../platform/made'
import { Picture, Signed, Tables, partsFragment, share, type Scenario } from './scenario-parts'
import { scenarioTone } from './scenarios'

const query = graphql(`
  query ScenarioPage($id: ID!, $accounts: Boolean!) {
    scenario(id: $id) {
      id name note period sectors status accounts accountsDone failures keepsAccounts knownAt createdBy finishedAt error
      missing { text accounts }
      changes { text }
      total { ...PartSums }
      services: parts(by: SERVICE) { service ...PartSums }
      bySector: parts(by: SECTOR) { sector ...PartSums }
      districts: parts(by: DISTRICT) { district { id name { kk ru en } } ...PartSums }
      households: parts(by: HOUSEHOLD) { people ...PartSums }
      bases: parts(by: BASIS) { basis ...PartSums }
      differences: parts(by: DIFFERENCE) { above upto ...PartSums }
      largest @include(if: $accounts) { account { id number address } before after difference }
    }
  }
`, partsFragment)
const otherQuery = graphql(`
  query ScenarioBeside($id: ID!) {
    scenario(id: $id) {
      id name status changes { text } total { ...PartSums }
      districts: parts(by: DISTRICT) { district { id name { kk ru en } } ...PartSums }
    }
  }
`, partsFragment)
const choicesQuery = graphql(`
  query ScenarioChoices { scenarios(first: 50) { nodes { id name status period } } }
`)
const repeatMutation = graphql(`
  mutation ScenarioRepeat($input: ScenarioRepeatInput!) { scenarioRepeat(input: $input) { scenario { id status } errors { code field message } } }
`)
const deleteMutation = graphql(`
  mutation ScenarioDelete($input: ScenarioDeleteInput!) { scenarioDelete(input: $input) { deleted errors { code field message } } }
`)
const accountQuery = graphql(`
  query ScenarioFind($number: String!) { account(number: $number) { id number } }
`)
const ofAccountQuery = graphql(`
  query ScenarioAccount($id: ID!, $account: ID!) {
    scenario(id: $id) {
      ofAccount(account: $account) {
        comparison { account { id number address } before after difference causes }
        errors { code message }
      }
    }
  }
`)

const route = getRouteApi('/scenarios/$id')

export function ScenarioPage() {
  const t = useT()
  const format = useFormat()
  const codes = useCodes()
  const can = useCan()
  const { id } = route.useParams()
  const { with: beside } = route.useSearch()
  const [result, refetch] = useQuery({ query, variables: { id, accounts: can('ACCOUNT_READ') && can('BILL_READ') } })
  const again = () => refetch({ requestPolicy: 'network-only' })
  const scenario = result.data?.scenario
  const live = scenario?.status === 'QUEUED' || scenario?.status === 'RUNNING'
  useAgainWhile(live, refetch)
  if (result.data && !scenario) return <NotFound />
  return (
    <>
      <Link className="row-link" to="/scenarios"><Group gap={2} component="span" display="inline-flex"><IconBack size={15} />{t('nav.scenarios')}</Group></Link>
      <Answer result={result} retry={again} lines={8}>
        {() => scenario && (
          <>
            <PageHead title={scenario.name} lead={scenario.note || undefined}>
              <Chip tone={scenarioTone[scenario.status]}>{t(`enum.ScenarioStatus.${scenario.status}`)}</Chip>
              <Can do="SCENARIO_WRITE"><Acts scenario={scenario} live={live} onChange={again} /></Can>
            </PageHead>
            <Stack>
              <Section title={t('scenario.changes')}>
                <Stack gap={4} component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
                  {scenario.changes.length === 0 && <li><Text size="sm" c="dimmed">{t('scenario.noChanges')}</Text></li>}
                  {scenario.changes.map((one, index) => <li key={index}><Text size="sm">{one.text}</Text></li>)}
                </Stack>
                <Text size="xs" c="dimmed" mt="sm">
                  {format.period(scenario.period)} · {scenario.sectors.map((one) => t(`enum.Sector.${one}`)).join(', ')} · {t('preview.known', { moment: format.dateTime(scenario.knownAt), who: codes.actor(scenario.createdBy) })}
                </Text>
              </Section>
              {live && (
                <Section title={t('preview.running')}>
                  <div role="status" aria-live="polite">
                    <Text size="sm" className="tab" mb={6}>{t('common.of', { done: format.count(scenario.accountsDone), total: format.count(scenario.accounts) })}</Text>
                    <Progress value={scenario.accounts ? (100 * scenario.accountsDone) / scenario.accounts : 0} animated size="lg" aria-label={t('preview.running')} />
                  </div>
                </Section>
              )}
              {scenario.error && <Failure error={scenario.error} />}
              {scenario.status === 'DONE' && (
                <>
                  <Section title={t('scenario.picture')}><Picture scenario={scenario} /></Section>
                  {scenario.failures > 0 && <Missing scenario={scenario} />}
                  <Beside scenario={scenario} beside={beside} />
                  {can('BILL_READ') && <OneAccount scenario={scenario} />}
                  {scenario.largest && <Largest scenario={scenario} />}
                  <Tables scenario={scenario} />
                </>
              )}
            </Stack>
          </>
        )}
      </Answer>
    </>
  )
}

function Acts({ scenario, live, onChange }: { scenario: Scenario; live: boolean; onChange: () => void }) {
  const t = useT()
  const navigate = useNavigate()
  const can = useCan()
  // What somebody else found out stays until he or the chief says otherwise.
  const mine = useViewer().login === scenario.createdBy || can('SCENARIO_OTHERS')
  const repeat = useAct(repeatMutation)
  const remove = useAct(deleteMutation)
  const [asking, setAsking] = useState<'repeat' | 'delete' | null>(null)
  const [keep, setKeep] = useState(scenario.keepsAccounts)
  const close = () => setAsking(null)
  return (
    <>
      <Link to="/scenarios/new" search={{ from: scenario.id }}><Button component="span" variant="default" size="sm">{t('scenario.copy')}</Button></Link>
      {mine && (
        <>
          <Button variant="default" size="sm" loading={repeat.busy} disabled={live} onClick={() => setAsking('repeat')}>{t('scenario.repeat')}</Button>
          <Button variant="default" size="sm" loading={remove.busy} disabled={live} onClick={() => setAsking('delete')}>{t('scenario.delete')}</Button>
        </>
      )}
      <Confirm opened={asking === 'repeat'} title={t('scenario.repeat')} yes={t('scenario.repeat')} onClose={close} onYes={() => void repeat.run({ id: scenario.id, keepAccounts: keep }).then(onChange)}>
        <Text size="sm" mb="sm">{t('scenario.repeatText')}</Text>
        <Checkbox label={t('scenario.keep')} checked={keep} onChange={(event) => setKeep(event.currentTarget.checked)} />
      </Confirm>
      <Confirm
        opened={asking === 'delete'} title={t('scenario.delete')} yes={t('scenario.delete')} danger onClose={close}
        onYes={() => void remove.run({ id: scenario.id }).then((done) => done && navigate({ to: '/scenarios' }))}
      >
        <Text size="sm">{t('scenario.deleteText', { name: scenario.name })}</Text>
      </Confirm>
      <Refusals errors={[...repeat.errors, ...remove.errors]} />
    </>
  )
}

function Missing({ scenario }: { scenario: Scenario }) {
  const t = useT()
  const format = useFormat()
  return (
    <Alert color="orange" title={t('scenario.failures', { count: format.count(scenario.failures) })}>
      {scenario.missing.map((one) => <Text key={one.text} size="sm">{one.text} — {t('preview.accounts', { count: one.accounts })}</Text>)}
    </Alert>
  )
}

/** Two scenarios side by side, by the same month or not. */
function Beside({ scenario, beside }: { scenario: Scenario; beside: string | undefined }) {
  const t = useT()
  const format = useFormat()
  const navigate = route.useNavigate()
  const [choices] = useQuery({ query: choicesQuery })
  const [other] = useQuery({ query: otherQuery, variables: { id: beside ?? '' }, pause: !beside })
  const found = beside ? other.data?.scenario : undefined
  const others = (choices.data?.scenarios.nodes ?? []).filter((one) => one.id !== scenario.id && one.status === 'DONE')
  const sides = [scenario, ...(found?.total ? [found] : [])]
  const named = (one: { district?: { name: { kk: string; ru: string; en: string } } | null }) => one.district?.name[format.language] ?? '—'
  return (
    <Section
      title={t('scenario.beside')}
      side={
        <NativeSelect
          aria-label={t('scenario.besideChoose')} size="sm" value={beside ?? ''}
          onChange={(event) => void navigate({ search: { with: event.currentTarget.value || undefined }, replace: true })}
          data={[{ value: '', label: t('scenario.besideNone') }, ...others.map((one) => ({ value: one.id, label: `${one.name} · ${format.period(one.period)}` }))]}
        />
      }
    >
      {sides.length < 2 ? <Text size="sm" c="dimmed">{t('scenario.besideText')}</Text> : (
        <Stack>
          <DataTable
            caption={t('scenario.beside')} rows={sides} rowKey={(one) => one.id} empty={null}
            columns={[
              { key: 'name', head: t('scenario.name'), width: 280, cell: (one) => <div><b>{one.name}</b>{one.changes.map((change, index) => <Text key={index} size="xs" c="dimmed">{change.text}</Text>)}</div> },
              { key: 'before', head: t('scenario.before'), numeric: true, cell: (one) => format.money(one.total!.before.gross) },
              { key: 'after', head: t('scenario.after'), numeric: true, cell: (one) => format.money(one.total!.after.gross) },
              { key: 'difference', head: t('scenario.difference'), numeric: true, cell: (one) => <div><Signed value={one.total!.difference} /><Text size="xs" c="dimmed">{share(format, one.total!.before.gross, one.total!.after.gross)}</Text></div> },
              { key: 'losers', head: t('scenario.losers'), numeric: true, cell: (one) => format.count(one.total!.losers) },
              { key: 'gainers', head: t('scenario.gainers'), numeric: true, cell: (one) => format.count(one.total!.gainers) },
            ]}
          />
          <Chart
            title={t('scenario.districtsDifference')} corner={t('subscribers.district')} sideways height={60 + 40 * scenario.districts.length}
            labels={scenario.districts.map(named)} full={scenario.districts.map(named)}
            series={sides.map((side) => ({
              name: side.name, values: scenario.districts.map((one) => side.districts.find((part) => part.code === one.code)?.difference ?? null),
            }))}
          />
        </Stack>
      )}
    </Section>
  )
}

type Comparison = NonNullable<NonNullable<ScenarioAccountQuery['scenario']>['ofAccount']['comparison']>

/** An account by its number: both sides at once. */
function OneAccount({ scenario }: { scenario: Scenario }) {
  const t = useT()
  const format = useFormat()
  const client = useClient()
  const [number, setNumber] = useState('')
  const [busy, setBusy] = useState(false)
  const [found, setFound] = useState<{ one?: Comparison; said?: string } | null>(null)
  const look = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    const account = (await client.query(accountQuery, { number: number.trim() }).toPromise()).data?.account
    const answer = account && (await client.query(ofAccountQuery, { id: scenario.id, account: account.id }, { requestPolicy: 'network-only' }).toPromise())
    const payload = answer?.data?.scenario?.ofAccount
    setFound(payload?.comparison ? { one: payload.comparison } : { said: payload?.errors[0]?.message ?? t('scenario.noAccount') })
    setBusy(false)
  }
  return (
    <Section title={t('scenario.oneAccount')}>
      <form onSubmit={(event) => void look(event)}>
        <Group align="flex-end" gap="sm">
          <TextInput label={t('subscribers.number')} value={number} onChange={(event) => setNumber(event.currentTarget.value)} inputMode="numeric" />
          <Button type="submit" variant="default" loading={busy} disabled={!number.trim()}>{t('scenario.look')}</Button>
        </Group>
      </form>
      {found?.said && <Alert mt="sm" color="orange" role="alert">{found.said}</Alert>}
      {found?.one && (
        <div style={{ marginTop: 'var(--mantine-spacing-md)' }}>
          <Figures
            rows={[
              { label: <Link className="row-link tab" to="/accounts/$number" params={{ number: found.one.account.number }}>{found.one.account.number}</Link>, value: found.one.account.address },
              { label: t('scenario.before'), value: format.money(found.one.before) },
              { label: t('scenario.after'), value: format.money(found.one.after) },
              { label: t('scenario.difference'), value: <Signed value={found.one.difference} />, note: found.one.causes.map((cause) => t(`enum.ChangeCause.${cause}`)).join(', ') },
            ]}
          />
        </div>
      )}
    </Section>
  )
}

function Largest({ scenario }: { scenario: Scenario }) {
  const t = useT()
  const format = useFormat()
  const exporting = useExport({ scenario: { scenario: scenario.id } })
  return (
    <Section flush title={t('preview.changes')}>
      <DataTable
        caption={t('preview.changes')} rows={scenario.largest ?? []} rowKey={(row) => row.account.id} empty={<Empty title={t('preview.noChanges')} />}
        exporting={scenario.keepsAccounts ? exporting : undefined}
        columns={[
          { key: 'account', head: t('subscribers.number'), cell: (row) => <div><Link className="row-link tab" to="/accounts/$number" params={{ number: row.account.number }}>{row.account.number}</Link><Text size="xs" c="dimmed">{row.account.address}</Text></div> },
          { key: 'before', head: t('scenario.before'), numeric: true, cell: (row) => format.money(row.before) },
          { key: 'after', head: t('scenario.after'), numeric: true, cell: (row) => format.money(row.after) },
          { key: 'difference', head: t('scenario.difference'), numeric: true, cell: (row) => <Signed value={row.difference} /> },
        ]}
      />
      {!scenario.keepsAccounts && <Text size="xs" c="dimmed" p="md">{t('scenario.notKept')}</Text>}
    </Section>
  )
}
