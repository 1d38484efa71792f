/**
 * Options of Node that the server runs with, for whoever starts it. Young objects get 4 MB instead
 * of 16: they are short-lived here, and memory would otherwise grow by some 50 MB under load.
 */
export const nodeOptions = [
  "--disable-warning=ExperimentalWarning",
  "--max-semi-space-size=4",
] as const;
