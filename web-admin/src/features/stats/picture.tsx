import './city.css'
import { useEffect, useRef } from 'react'
import { ActionIcon, Button, NativeSelect } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { useQuery } from 'urql'
import { Empty, IconScreen, PageHead, Problem, Section, Waiting, useFormat } from '@aiscra/ui'
import { graphql, type Sector } from '../../gql'
import { useViewer } from '../../lib/can'
import { useT } from '../../lib/i18n'
import { AgesChart, DistrictsChart, MonthsChart } from './charts'
import { useCity } from './city'
import { CityFigures } from './figures'
import { LiveMark } from './state'

const monthsQuery = graphql(`
  query CityMonths($period: Period) { cityPicture(period: $period) { period months { period } } }
`)

const route = getRouteApi('/picture')
const allSectors: Sector[] = ['MULTI', 'PRIVATE', 'LEGAL']

export function PicturePage() {
  const t = useT()
  const format = useFormat()
  const viewer = useViewer()
  const { period, sector: wanted, wall } = route.useSearch()
  const navigate = route.useNavigate()
  const now = useCity(period)
  const box = useRef<HTMLDivElement>(null)
  const set = (change: { period?: string | undefined; sector?: Sector | undefined; wall?: true | undefined }) =>
    void navigate({ search: (was) => ({ ...was, ...change }), replace: true })
  const leave = () => set({ wall: undefined })
  useWall(wall ?? false, leave)

  const { city } = now
  const mine = viewer.sectors.length ? allSectors.filter((one) => viewer.sectors.includes(one)) : allSectors
  const sector = mine.length === 1 ? undefined : wanted
  const months = useMonths(city?.period ?? period)

  return (
    <div ref={box} className="city" {...(wall ? { 'data-wall': true } : {})}>
      <PageHead
        title={t('nav.picture')}
        lead={(
          <span className="city-lead">
            <LiveMark now={now} />
            {city && <span>{t('stats.today', { date: format.date(city.today) })}</span>}
          </span>
        )}
      >
        <div className="city-controls">
          {months.length > 0 && (
            <NativeSelect
              aria-label={t('common.period')} value={city?.period ?? period ?? ''} onChange={(event) => set({ period: event.currentTarget.value })}
              data={months.map((value) => ({ value, label: format.period(value) }))}
            />
          )}
          {mine.length > 1 && (
            <NativeSelect
              aria-label={t('common.sector')} value={sector ?? ''}
              onChange={(event) => set({ sector: (event.currentTarget.value || undefined) as Sector | undefined })}
              data={[{ value: '', label: t('stats.allSectors') }, ...mine.map((value) => ({ value, label: t(`enum.Sector.${value}`) }))]}
            />
          )}
          {wall ? (
            <Button variant="default" onClick={leave}>{t('stats.leaveWall')}</Button>
          ) : (
            <ActionIcon
              variant="default" size="lg" aria-label={t('stats.wall')} title={t('stats.wall')}
              onClick={() => {
                // Where the browser has no full screen, the picture still takes the whole page.
                void box.current?.requestFullscreen?.().catch(() => {})
                set({ wall: true })
              }}
            >
              <IconScreen />
            </ActionIcon>
          )}
        </div>
      </PageHead>
      {!city && (now.error ? <Problem error={now.error} retry={now.refresh} /> : <Waiting lines={10} />)}
      {city && city.parts.length === 0 && <Empty title={t('stats.none')}>{t('stats.noneText')}</Empty>}
      {city && city.parts.length > 0 && (
        <div className="city-grid" key={wall ? 'wall' : 'page'}>
          <CityFigures city={city} sector={sector} />
          <div className="city-months">
            <Section title={t('stats.months')}><MonthsChart city={city} sector={sector} onPick={(value) => set({ period: value })} /></Section>
          </div>
          <div className="city-districts">
            <Section title={t('stats.districts')}><DistrictsChart city={city} sectors={sector ? [sector] : mine} /></Section>
          </div>
          <div className="city-ages">
            <Section title={t('stats.ages')}><AgesChart city={city} sector={sector} /></Section>
          </div>
        </div>
      )}
    </div>
  )
}

/** A year back from the newest month there is, and the one that is shown. */
function useMonths(shown: string | undefined): string[] {
  const [newest] = useQuery({ query: monthsQuery, variables: { period: null }, requestPolicy: 'cache-first' })
  const known = newest.data?.cityPicture.months.map((one) => one.period) ?? []
  return [...new Set(shown ? [...known, shown] : known)].toSorted().toReversed()
}

/** The wall: nothing else on the screen, which stays awake; Escape ends it. */
function useWall(on: boolean, leave: () => void): void {
  const done = useRef(leave)
  useEffect(() => {
    done.current = leave
  })
  useEffect(() => {
    if (!on) return
    const behind = [...document.querySelectorAll<HTMLElement>('.mantine-AppShell-header, .mantine-AppShell-navbar')]
    for (const one of behind) one.inert = true
    let lock: WakeLockSentinel | undefined
    const awake = () => {
      if (document.visibilityState === 'visible') void navigator.wakeLock?.request('screen').then((got) => { lock = got }).catch(() => {})
    }
    const key = (event: KeyboardEvent) => event.key === 'Escape' && done.current()
    const full = () => document.fullscreenElement || done.current()
    awake()
    document.addEventListener('visibilitychange', awake)
    document.addEventListener('keydown', key)
    document.addEventListener('fullscreenchange', full)
    return () => {
      for (const one of behind) one.inert = false
      void lock?.release()
      document.removeEventListener('visibilitychange', awake)
      document.removeEventListener('keydown', key)
      document.removeEventListener('fullscreenchange', full)
      if (document.fullscreenElement) void document.exitFullscreen().catch(() => {})
    }
  }, [on])
}
