import { Suspense, lazy, useState, type FormEvent } from 'react'
import { ActionIcon, AppShell, Box, Burger, Button, Group, Stack, Text, TextInput, Tooltip } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router'
import { useClient, useMutation, useQuery } from 'urql'
import {
  Answer, Empty, IconExit, IconSearch, LanguageSwitch, Mark, SchemeSwitch, useFormat, useLanguage, useSession,
} from '@aiscra/ui'
import { graphql } from '../gql'
import { TodayContext, ViewerContext, type Viewer } from '../lib/can'
import { useT } from '../lib/i18n'
import { NamesProvider } from '../lib/names'
import { opens, places } from './places'
import { SignIn } from '../features/access/sign-in'

// Fetched when it is first opened.
const PasswordDue = lazy(() => import('../features/access/password').then((module) => ({ default: module.PasswordDue })))
const Palette = lazy(() => import('./palette').then((module) => ({ default: module.Palette })))

const viewerQuery = graphql(`
  query Viewer {
    viewer { id name login roles roleNames { kk ru en } permissions sectors districts { id } passwordDue }
    businessDate
  }
`)

const accountByNumber = graphql(`
  query AccountByNumber($number: String!) {
    account(number: $number) { id number }
  }
`)

const close = graphql(`
  mutation SessionClose($input: SessionCloseInput!) {
    sessionClose(input: $input) { errors { code field message } }
  }
`)

export function Layout() {
  const { signedIn } = useSession()
  // The page of components needs nobody signed in: it shows no data.
  if (useLocation({ select: (location) => location.pathname }) === '/design') return <Outlet />
  return signedIn ? <Office /> : <SignIn />
}

function Office() {
  const [result, retry] = useQuery({ query: viewerQuery })
  const { signOut } = useSession()
  const [, closeSession] = useMutation(close)
  const leave = async () => {
    await closeSession({ input: {} })
    signOut()
  }
  if (!result.data) {
    return (
      <Box p="xl">
        <Answer result={result} retry={() => retry({ requestPolicy: 'network-only' })}>{() => null}</Answer>
      </Box>
    )
  }
  const { viewer } = result.data
  if (viewer.passwordDue) {
    return <Suspense><PasswordDue login={viewer.login} done={() => retry({ requestPolicy: 'network-only' })} leave={() => void leave()} /></Suspense>
  }
  return (
    <ViewerContext value={viewer}>
      <TodayContext value={result.data.businessDate}>
        <NamesProvider><Shell viewer={viewer} today={result.data.businessDate} leave={leave} /></NamesProvider>
      </TodayContext>
    </ViewerContext>
  )
}

function Shell({ viewer, today, leave }: { viewer: Viewer; today: string; leave: () => Promise<void> }) {
  const t = useT()
  const format = useFormat()
  const [open, setOpen] = useState(false)
  const [wall] = useState(() => almatyDay(new Date()))
  const [finding, setFinding] = useState<boolean | null>(null)
  // Also from inside a field: that is where the hands are.
  useHotkeys([['mod+K', () => setFinding(true)]], [])
  const path = useLocation({ select: (location) => location.pathname })
  const { language } = useLanguage()
  const allowed = places.filter((place) => opens(place, viewer.permissions))
  // One sentence instead of a page of refused questions.
  const here = places.find(({ to }) => path === to || path.startsWith(`${to}/`))
  const denied = here && !opens(here, viewer.permissions)

  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 228, breakpoint: 'sm', collapsed: { mobile: !open } }}
      padding={{ base: 'md', md: 'lg' }}
    >
      {finding !== null && <Suspense><Palette opened={finding} close={() => setFinding(false)} /></Suspense>}
      <a href="#content" className="skip">{t('app.skip')}</a>
      <AppShell.Header>
        <Group h="100%" px="md" gap="sm" wrap="nowrap">
          <Burger opened={open} onClick={() => setOpen(!open)} hiddenFrom="sm" size="sm" aria-label={t('app.menu')} />
          <Link to="/" style={{ textDecoration: 'none', color: 'inherit' }}>
            <Group gap={8} wrap="nowrap">
              <Mark />
              <Text fw={700} visibleFrom="xs">АИСЦРА</Text>
            </Group>
          </Link>
          {viewer.permissions.includes('ACCOUNT_READ') && <Search />}
          <Button variant="subtle" visibleFrom="md" onClick={() => setFinding(true)} aria-label={`Ctrl K: ${t('palette.title')}`} aria-keyshortcuts="Control+K">Ctrl K</Button>
          <Box flex={1} />
          {today === wall
            ? <Text size="sm" c="dimmed" visibleFrom="lg">{t('app.businessDate', { date: format.date(today) })}</Text>
            : (
              // Prices, months and deadlines go by one date, the trail and the jobs by the clock on the wall: said while they differ.
              <Tooltip label={t('app.twoDates', { date: format.date(today), clock: format.date(wall) })}>
                <Text size="sm" c="var(--warn)" fw={600} visibleFrom="md" tabIndex={0}>{t('app.operationDate', { date: format.date(today) })}</Text>
              </Tooltip>
            )}
          <Box visibleFrom="sm"><LanguageSwitch /></Box>
          <SchemeSwitch />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs">
        <Stack gap={2} flex={1} component="nav" aria-label={t('app.menu')}>
          {allowed.map(({ to, label, icon: Icon }) => (
            <Link
              key={to}
              to={to}
              className="nav-link"
              aria-current={path === to || path.startsWith(`${to}/`) || (to === '/accounts' && path.startsWith('/bills')) ? 'page' : undefined}
              onClick={() => setOpen(false)}
            >
              <Icon />
              {t(label)}
            </Link>
          ))}
        </Stack>
        <Box hiddenFrom="sm" p="xs"><LanguageSwitch fullWidth /></Box>
        <Group justify="space-between" wrap="nowrap" p="xs" gap="xs">
          <Link to="/profile" className="nav-link" style={{ minWidth: 0, padding: '4px 8px' }} aria-current={path === '/profile' ? 'page' : undefined} onClick={() => setOpen(false)}>
            <Box miw={0}>
              <Text size="sm" fw={600} lh={1.3}>{viewer.name}</Text>
              <Text size="xs" c="dimmed" lh={1.2} title={viewer.login}>{viewer.roleNames.map((name) => name[language]).join(', ') || viewer.login}</Text>
            </Box>
          </Link>
          <Tooltip label={t('access.signOut')}>
            <ActionIcon variant="subtle" color="gray" size="lg" onClick={() => void leave()} aria-label={t('access.signOut')}>
              <IconExit />
            </ActionIcon>
          </Tooltip>
        </Group>
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1} style={{ outline: 'none' }}>
        <Box maw={1280}>{denied ? <Denied /> : <Outlet />}</Box>
      </AppShell.Main>
    </AppShell>
  )
}

/** The day on the wall in Almaty. */
const almatyDay = (now: Date): string => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Almaty' }).format(now)

function Denied() {
  const t = useT()
  return <Empty title={t('app.denied')}>{t('app.deniedText')}</Empty>
}

/** One search over everything: digits go straight to the account of that number when there is one. */
function Search() {
  const t = useT()
  const navigate = useNavigate()
  const client = useClient()
  const [words, setWords] = useState('')
  const find = async (event: FormEvent) => {
    event.preventDefault()
    const search = words.trim()
    if (!search) return
    if (/^\d+$/.test(search)) {
      const answer = await client.query(accountByNumber, { number: search }).toPromise()
      if (answer.data?.account) {
        setWords('')
        return navigate({ to: '/accounts/$number', params: { number: answer.data.account.number } })
      }
    }
    return navigate({ to: '/accounts', search: { search } })
  }
  return (
    <form onSubmit={(event) => void find(event)} role="search" style={{ flex: '1 1 320px', maxWidth: 440 }}>
      <Group gap={6} wrap="nowrap">
        <TextInput
          flex={1}
          type="search"
          aria-label={t('app.search')}
          placeholder={t('app.searchHint')}
          leftSection={<IconSearch size={16} />}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
        <Button type="submit" variant="light" visibleFrom="sm">{t('app.find')}</Button>
      </Group>
    </form>
  )
}
