// One channel: what comes on it now, how much of it fails, its settings and its switch.
import { useMemo, useState } from 'react'
import { Button, Code, Group, SegmentedControl, SimpleGrid, Stack, Text } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { useQuery } from 'urql'
import {
  Answer, Chart, Chip, Confirm, DataTable, Dialog, DialogButton, Empty, Figures, PageHead, Problem, Refusals, Section, useAct, useFormat, useLanguage, useSay, type Tone,
} from '@aiscra/ui'
import { graphql, type ChannelOutcome, type ChannelTrafficQuery } from '../../gql'
import { useCan } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { useAgainWhile } from '../../lib/poll'
import { ChannelForm, Secret, type Channel } from './channel-form'
import { Incidents } from './incidents'

const query = graphql(`
  query PaymentChannel($id: ID!) {
    paymentChannel(id: $id) {
      id code dialect spelling sandbox active networks auth authUser least most zone language echo accountForm temporary denied dates closed
      duplicateMinutes cancelHours answerSeconds shows registryFormat note version
      agent { id name { kk ru en } }
      codes { outcome code usual fatal comment }
      scenarios { scenario says shown }
    }
  }
`)
const requestsQuery = graphql(`
  query ChannelRequests($filter: ChannelRequestFilter!) {
    channelRequests(filter: $filter, first: 50) {
      nodes { id at address method command externalId account amount query outcome code status milliseconds notes paymentNumber }
    }
  }
`)
const trafficQuery = graphql(`
  query ChannelTraffic($channel: String!, $hours: Int!) {
    channelTraffic(channel: $channel, hours: $hours) { hour command outcome calls milliseconds slowest }
  }
`)
const switchMutation = graphql(`
  mutation ChannelSwitch($input: ChannelSwitchInput!) { channelSwitch(input: $input) { channel { id active version } errors { code field message } } }
`)
const renew = graphql(`
  mutation ChannelSecretRenew($input: ChannelSecretRenewInput!) { channelSecretRenew(input: $input) { channel { id version } secret errors { code field message } } }
`)

const route = getRouteApi('/channels/$id')

/** Ours: the agent is told to come again. Theirs: it said something wrong. */
const ours: readonly (ChannelOutcome | null)[] = ['TEMPORARY', 'IN_PROGRESS']
const toneOf = (outcome: ChannelOutcome | null): Tone =>
  outcome === 'DONE' ? 'good' : ours.includes(outcome) ? 'bad' : outcome === 'FORBIDDEN' || outcome === 'UNAUTHORIZED' || outcome === 'NUMBER_REUSED' ? 'warn' : 'plain'

export function ChannelPage() {
  const t = useT()
  const { id } = route.useParams()
  const { language } = useLanguage()
  const can = useCan()
  const [result, refetch] = useQuery({ query, variables: { id } })
  const again = () => refetch({ requestPolicy: 'network-only' })
  return (
    <Answer result={result} retry={again}>
      {({ paymentChannel: channel }) => channel ? (
        <>
          <PageHead
            title={channel.code}
            lead={(
              <Group gap={6}>
                {channel.agent.name[language]} · {t(`enum.Dialect.${channel.dialect}`)} · <Code>/pay/{channel.code}</Code>
                {channel.active ? <Chip tone="good">{t('channels.on')}</Chip> : <Chip tone="bad">{t('channels.off')}</Chip>}
                {channel.sandbox && <Chip tone="plain">{t('channels.sandbox')}</Chip>}
              </Group>
            )}
          >
            {can('CHANNEL_WRITE') && <Acts channel={channel} done={again} />}
          </PageHead>
          <Stack>
            <Traffic code={channel.code} />
            <Requests code={channel.code} />
            {channel.sandbox && <Scenarios channel={channel} again={again} />}
            {!channel.sandbox && <Incidents channel={channel.code} />}
            <Settings channel={channel} />
          </Stack>
        </>
      ) : <Empty title={t('channels.gone')} />}
    </Answer>
  )
}

function Acts({ channel, done }: { channel: Channel; done: () => void }) {
  const t = useT()
  const say = useSay()
  const switching = useAct(switchMutation)
  const renewing = useAct(renew)
  const [asking, setAsking] = useState<'switch' | 'secret' | null>(null)
  const [secret, setSecret] = useState<string | null>(null)
  const turn = async () => {
    if (!await switching.run({ id: channel.id, on: !channel.active })) return
    say(t(channel.active ? 'channels.turnedOff' : 'channels.turnedOn', { code: channel.code }))
    done()
  }
  const another = async () => {
    const payload = await renewing.run({ id: channel.id })
    if (payload?.secret) setSecret(payload.secret)
    done()
  }
  return (
    <>
      <Button variant={channel.active ? 'default' : 'filled'} loading={switching.busy} onClick={() => setAsking('switch')}>
        {t(channel.active ? 'channels.turnOff' : 'channels.turnOn')}
      </Button>
      {channel.auth !== 'NONE' && <Button variant="default" loading={renewing.busy} onClick={() => setAsking('secret')}>{t('channels.renew')}</Button>}
      <DialogButton label={t('common.change')} title={channel.code} size="xl">
        {(close) => <ChannelForm channel={channel} close={close} done={done} />}
      </DialogButton>
      <Refusals errors={[...switching.errors, ...renewing.errors]} />
      {(switching.broken ?? renewing.broken) && <Problem error={(switching.broken ?? renewing.broken)!} />}
      <Confirm
        opened={asking === 'switch'} danger={channel.active} title={t(channel.active ? 'channels.turnOff' : 'channels.turnOn')}
        yes={t(channel.active ? 'channels.turnOff' : 'channels.turnOn')} onYes={() => void turn()} onClose={() => setAsking(null)}
      >
        <Text size="sm">{t(channel.active ? 'channels.turnOffText' : 'channels.turnOnText', { code: channel.code })}</Text>
      </Confirm>
      <Confirm opened={asking === 'secret'} danger title={t('channels.renew')} yes={t('channels.renew')} onYes={() => void another()} onClose={() => setAsking(null)}>
        <Text size="sm">{t('channels.renewText')}</Text>
      </Confirm>
      <Dialog opened={secret !== null} onClose={() => setSecret(null)} title={t('channels.secret')} closeOnClickOutside={false}>
        {secret && <Secret secret={secret} close={() => setSecret(null)} />}
      </Dialog>
    </>
  )
}

type Row = ChannelTrafficQuery['channelTraffic'][number]

const sum = (rows: readonly Row[], wanted: (row: Row) => boolean) => rows.filter(wanted).reduce((all, row) => all + row.calls, 0)

function Traffic({ code }: { code: string }) {
  const t = useT()
  const format = useFormat()
  const [hours, setHours] = useState('24')
  const [result, refetch] = useQuery({ query: trafficQuery, variables: { channel: code, hours: Number(hours) } })
  useAgainWhile(true, refetch, 10_000)
  const picture = useMemo(() => {
    const rows = result.data?.channelTraffic ?? []
    const keys = [...new Set(rows.map((row) => row.hour))]
    const at = (hour: string, wanted: (row: Row) => boolean) => String(sum(rows, (row) => row.hour === hour && wanted(row)))
    return {
      rows, keys,
      done: keys.map((hour) => at(hour, (row) => row.outcome === 'DONE')),
      refused: keys.map((hour) => at(hour, (row) => row.outcome !== 'DONE' && !ours.includes(row.outcome))),
      again: keys.map((hour) => at(hour, (row) => ours.includes(row.outcome))),
    }
  }, [result.data])
  const all = sum(picture.rows, () => true)
  const share = (count: number) => (all === 0 ? '—' : `${format.decimal(((count / all) * 100).toFixed(1))} %`)
  const failed = sum(picture.rows, (row) => ours.includes(row.outcome))
  const refused = all - failed - sum(picture.rows, (row) => row.outcome === 'DONE')
  const slowest = Math.max(0, ...picture.rows.map((row) => row.slowest))
  const count = (value: string) => format.count(Number(value))
  return (
    <Section
      title={t('channels.traffic')}
      side={(
        <SegmentedControl
          size="xs" aria-label={t('channels.traffic')} value={hours} onChange={setHours}
          data={[{ value: '24', label: t('channels.day') }, { value: '168', label: t('channels.week') }, { value: '744', label: t('channels.month') }]}
        />
      )}
    >
      <Answer result={result} retry={refetch}>
        {() => all === 0 ? <Empty title={t('channels.quiet')} /> : (
          <Stack>
            <Figures
              rows={[
                { label: t('channels.calls'), value: format.count(all) },
                { label: t('channels.refused'), value: `${format.count(refused)} · ${share(refused)}` },
                { label: t('channels.failed'), value: `${format.count(failed)} · ${share(failed)}` },
                { label: t('channels.slowest'), value: t('channels.ms', { ms: format.count(Math.round(slowest)) }) },
              ]}
            />
            <Chart
              title={t('channels.traffic')} corner={t('channels.hour')} stacked
              labels={picture.keys.map((hour) => format.dateTime(hour).slice(-5))} full={picture.keys.map((hour) => format.dateTime(hour))}
              series={[
                { name: t('channels.done'), values: picture.done, format: count },
                { name: t('channels.refused'), values: picture.refused, format: count },
                { name: t('channels.failed'), values: picture.again, format: count },
              ]}
            />
            <Outcomes rows={picture.rows} />
          </Stack>
        )}
      </Answer>
    </Section>
  )
}

/** What was not done, by what became of it. */
function Outcomes({ rows }: { rows: readonly Row[] }) {
  const t = useT()
  const format = useFormat()
  const kinds = [...new Set(rows.map((row) => row.outcome))].filter((outcome) => outcome !== 'DONE')
  if (kinds.length === 0) return null
  return (
    <Group gap="xs">
      {kinds.map((outcome) => (
        <Chip key={outcome ?? '-'} tone={toneOf(outcome)}>
          {outcome ? t(`enum.ChannelOutcome.${outcome}`) : '—'}: {format.count(sum(rows, (row) => row.outcome === outcome))}
        </Chip>
      ))}
    </Group>
  )
}

function Requests({ code }: { code: string }) {
  const t = useT()
  const format = useFormat()
  const [failed, setFailed] = useState(false)
  const [live, setLive] = useState(true)
  const [result, refetch] = useQuery({ query: requestsQuery, variables: { filter: { channel: code, failed } } })
  useAgainWhile(live, refetch, 3_000)
  return (
    <Section
      flush title={t('channels.requests')}
      side={(
        <Group gap="xs">
          <SegmentedControl
            size="xs" aria-label={t('channels.requests')} value={failed ? 'failed' : 'all'} onChange={(value) => setFailed(value === 'failed')}
            data={[{ value: 'all', label: t('common.all') }, { value: 'failed', label: t('channels.onlyFailed') }]}
          />
          <Button size="xs" variant="default" aria-pressed={live} onClick={() => setLive(!live)}>{t(live ? 'channels.pause' : 'channels.resume')}</Button>
        </Group>
      )}
    >
      <Answer result={result} retry={refetch}>
        {({ channelRequests }) => (
          <DataTable
            caption={t('channels.requests')} rows={channelRequests.nodes} rowKey={(row) => row.id} empty={<Empty title={t('channels.quiet')} />}
            columns={[
              { key: 'at', head: t('channels.when'), cell: (row) => <div className="tab">{format.dateTime(row.at)}<Text size="xs" c="dimmed">{row.address ?? '—'}</Text></div> },
              { key: 'command', head: t('channels.command'), cell: (row) => row.command ? t(`enum.ChannelCommand.${row.command}`) : '—' },
              { key: 'account', head: t('channels.account'), cell: (row) => <div className="tab">{row.account ?? '—'}<Text size="xs" c="dimmed">{row.externalId}</Text></div> },
              { key: 'amount', head: t('ledger.amount'), numeric: true, cell: (row) => row.amount ?? '' },
              {
                key: 'outcome', head: t('channels.outcome'),
                cell: (row) => (
                  <Group gap={6}>
                    <Chip tone={toneOf(row.outcome ?? null)}>{row.outcome ? t(`enum.ChannelOutcome.${row.outcome}`) : '—'}</Chip>
                    {row.notes.map((note) => <Chip key={note} tone="plain">{t(`enum.PaymentNote.${note}`)}</Chip>)}
                  </Group>
                ),
              },
              { key: 'code', head: t('channels.told'), numeric: true, cell: (row) => row.code ?? (row.status ? `HTTP ${row.status}` : '—') },
              { key: 'ms', head: t('channels.msHead'), numeric: true, cell: (row) => format.count(Math.round(row.milliseconds)) },
              {
                key: 'more', head: <span className="unseen">{t('common.acts')}</span>,
                cell: (row) => (
                  <DialogButton label={t('channels.show')} title={t('channels.request')} buttonSize="compact-sm" variant="subtle">
                    {() => (
                      <Stack gap="xs">
                        <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{row.method} /pay/{code}?{row.query}</Code>
                        <Text size="sm">HTTP {row.status || '—'}{row.code === null ? '' : ` · ${t('channels.told')} ${row.code}`}{row.paymentNumber ? ` · ${t('channels.payment')} ${row.paymentNumber}` : ''}</Text>
                      </Stack>
                    )}
                  </DialogButton>
                ),
              },
            ]}
          />
        )}
      </Answer>
    </Section>
  )
}

function Scenarios({ channel, again }: { channel: Channel; again: () => void }) {
  const t = useT()
  const done = channel.scenarios.filter((one) => one.shown).length
  return (
    <Section title={t('channels.selfCheck', { done, all: channel.scenarios.length })} side={<Button size="xs" variant="default" onClick={again}>{t('common.refresh')}</Button>}>
      <Stack gap={6}>
        {channel.scenarios.map((one) => (
          <Group key={one.scenario} gap="xs" wrap="nowrap" align="flex-start">
            <Chip tone={one.shown ? 'good' : 'plain'}>{t(one.shown ? 'channels.shown' : 'channels.notShown')}</Chip>
            <Text size="sm">{one.says}</Text>
          </Group>
        ))}
      </Stack>
    </Section>
  )
}

function Settings({ channel }: { channel: Channel }) {
  const t = useT()
  const format = useFormat()
  const rows = [
    [t('channels.networks'), channel.networks.join(', ') || t('channels.nobody')],
    [t('channels.auth'), [t(`enum.ChannelAuth.${channel.auth}`), channel.authUser].filter(Boolean).join(': ')],
    [t('channels.denied'), t(`enum.DeniedAnswer.${channel.denied}`)],
    [t('channels.least'), format.money(channel.least)],
    [t('channels.most'), channel.most ? format.money(channel.most) : t('channels.ofAll')],
    [t('channels.zone'), channel.zone],
    [t('channels.dates'), t(`enum.DatePolicy.${channel.dates}`)],
    [t('channels.closed'), t(`enum.ClosedPolicy.${channel.closed}`)],
    [t('channels.temporary'), t(`enum.TemporaryAnswer.${channel.temporary}`)],
    [t('channels.answerSeconds'), String(channel.answerSeconds)],
    [t('channels.cancelHours'), channel.cancelHours == null ? t('channels.untilClose') : channel.cancelHours === 0 ? t('channels.never') : String(channel.cancelHours)],
    [t('channels.duplicateMinutes'), channel.duplicateMinutes === 0 ? t('channels.never') : String(channel.duplicateMinutes)],
    [t('channels.shows'), channel.shows.map((one) => t(`enum.PayerSees.${one}`)).join(', ') || '—'],
    [t('channels.spelling'), t(`enum.Spelling.${channel.spelling}`)],
    [t('channels.echo'), channel.echo ?? t('channels.ofDialect')],
    [t('channels.registryFormat'), channel.registryFormat ?? '—'],
    [t('channels.note'), channel.note ?? '—'],
  ] as const
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      <Section flush title={t('channels.settings')}>
        <DataTable
          caption={t('channels.settings')} rows={rows} rowKey={(row) => row[0]} empty={null}
          columns={[{ key: 'name', head: t('channels.setting'), cell: (row) => row[0] }, { key: 'value', head: t('channels.value'), cell: (row) => row[1] }]}
        />
      </Section>
      <Section flush title={t('channels.codes')}>
        <DataTable
          caption={t('channels.codes')} rows={channel.codes} rowKey={(row) => row.outcome} empty={null}
          columns={[
            { key: 'code', head: t('channels.told'), numeric: true, cell: (row) => row.code === row.usual ? row.code : <b>{row.code}</b> },
            { key: 'outcome', head: t('channels.outcome'), cell: (row) => <div>{t(`enum.ChannelOutcome.${row.outcome}`)}<Text size="xs" c="dimmed">{row.outcome}</Text></div> },
            { key: 'fatal', head: t('channels.agentDoes'), cell: (row) => row.outcome === 'DONE' ? '—' : t(row.fatal ? 'channels.stops' : 'channels.repeats') },
          ]}
        />
      </Section>
    </SimpleGrid>
  )
}
