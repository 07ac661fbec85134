import './styles'
import '@fontsource-variable/inter/index.css'
import '@aiscra/ui/styles.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { RouterProvider } from '@tanstack/react-router'
import { Root } from '@aiscra/ui'
import { router } from './app/router'
import { makeClient, session } from './lib/client'
import { catalogues } from './lib/i18n'

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <Root session={session} makeClient={makeClient} load={catalogues}>
      <RouterProvider router={router} />
    </Root>
  </StrictMode>,
)
