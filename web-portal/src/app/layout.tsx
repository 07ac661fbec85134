import { ActionIcon, Text } from '@mantine/core'
import { Link, Outlet, useLocation } from '@tanstack/react-router'
import { useMutation } from 'urql'
import { IconBill, IconExit, IconHome, IconMeter, IconWallet, LanguageSwitch, Mark, SchemeSwitch, useSession } from '@aiscra/ui'
import { graphql } from '../gql'
import { useT } from '../lib/i18n'
import { SignIn } from '../features/access/sign-in'

const close = graphql(`
  mutation SessionClose($input: SessionCloseInput!) {
    sessionClose(input: $input) { errors { code field message } }
  }
`)

const places = [
  { to: '/', label: 'nav.home', icon: IconHome },
  { to: '/bills', label: 'nav.bills', icon: IconBill },
  { to: '/readings', label: 'nav.readings', icon: IconMeter },
  { to: '/payments', label: 'nav.payments', icon: IconWallet },
] as const

export function Layout() {
  const { signedIn } = useSession()
  const path = useLocation({ select: (location) => location.pathname })
  if (signedIn) return <Cabinet />
  // Whoever was shown a certificate has no account with us.
  return path.startsWith('/certificate') ? <main id="content" className="page"><Outlet /></main> : <SignIn />
}

function Cabinet() {
  const t = useT()
  const { signOut } = useSession()
  const [, closeSession] = useMutation(close)
  const path = useLocation({ select: (location) => location.pathname })
  const leave = async () => {
    await closeSession({ input: {} })
    signOut()
  }
  const here = (to: string) => (to === '/' ? path === '/' : path.startsWith(to))
  return (
    <>
      <a href="#content" className="skip">{t('app.skip')}</a>
      <header className="bar">
        <div className="bar-in">
          <Mark />
          <Text fw={700} flex={1}>{t('app.name')}</Text>
          <LanguageSwitch />
          <SchemeSwitch />
          <ActionIcon variant="subtle" color="gray" size="lg" onClick={() => void leave()} aria-label={t('access.signOut')}><IconExit /></ActionIcon>
        </div>
      </header>
      <nav className="tabs" aria-label={t('app.menu')}>
        <div className="tabs-in">
          {places.map(({ to, label, icon: Icon }) => (
            <Link key={to} to={to} aria-current={here(to) ? 'page' : undefined}><Icon size={22} />{t(label)}</Link>
          ))}
        </div>
      </nav>
      <main id="content" className="page" tabIndex={-1} style={{ outline: 'none' }}><Outlet /></main>
    </>
  )
}
