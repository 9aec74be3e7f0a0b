// Talking with the server: requests, their failures, and whether it is there at all.

const REQUEST_LIMIT = 20_000;
const HEARTBEAT_LIMIT = 3_000;
const HEARTBEAT_PAUSE = 10_000;
const FIRST_RETRY = 500;
const LAST_RETRY = 5_000;
const UPDATE_PAUSE = 80;
const USUAL_WAIT = 2;
const LONGEST_WAIT = 30;

// A proxy answers these when there is nobody behind it.
const GATEWAY_FAILURES = new Set([502, 504]);
const BUSY = new Set([429, 503]);

export class ServerGone extends Error {}

export class Refusal extends Error {}

export class ServerBusy extends Error {
  constructor(message, seconds) {
    super(message);
    this.seconds = seconds;
  }
}

function secondsToWait(response) {
  const header = response.headers.get('Retry-After') ?? String(USUAL_WAIT);
  const seconds = Number.isNaN(Number(header)) ? (Date.parse(header) - Date.now()) / 1000 : Number(header);
  return Number.isNaN(seconds) ? USUAL_WAIT : Math.min(LONGEST_WAIT, Math.max(1, Math.ceil(seconds)));
}

async function problemText(response) {
  const problem = await response.json().catch(() => ({}));
  return problem.detail ?? problem.title ?? `the server answered with status ${response.status}`;
}

async function failureOf(response) {
  if (GATEWAY_FAILURES.has(response.status)) {
    return new ServerGone();
  }
  const text = await problemText(response);
  return BUSY.has(response.status) ? new ServerBusy(text, secondsToWait(response)) : new Refusal(text);
}

function translate(error) {
  const connectionLost = error instanceof TypeError || error.name === 'TimeoutError';
  if (connectionLost) {
    return new ServerGone();
  }
  return error instanceof SyntaxError ? new Refusal('the server sent something that is no answer') : error;
}

export async function requestJson(path, { signal, ...options } = {}) {
  const limit = AbortSignal.timeout(REQUEST_LIMIT);
  try {
    const response = await fetch(path, { ...options, signal: signal ? AbortSignal.any([signal, limit]) : limit });
    if (!response.ok) {
      throw await failureOf(response);
    }
    return await response.json();
  } catch (error) {
    throw translate(error);
  }
}

export async function sendPicture(path, picture, signal) {
  const isImage = picture.type.startsWith('image/');
  const { answers } = await requestJson(path, {
    method: 'POST',
    headers: { 'Content-Type': isImage ? picture.type : 'application/octet-stream' },
    body: picture,
    signal,
  });
  return answers[0];
}

// Sends what is newest, one request at a time. While somebody draws, answers come as fast as the server gives them;
// requests never pile up.
export class Courier {
  #deliver;
  #timer = null;
  #flight = null;
  #waiting = false;
  #notBefore = 0;

  constructor(deliver) {
    this.#deliver = deliver;
  }

  update() {
    if (this.#flight) {
      this.#waiting = true;
    } else if (this.#timer === null) {
      const pause = Math.max(UPDATE_PAUSE, this.#notBefore - Date.now());
      this.#timer = setTimeout(() => this.#send(), pause);
    }
  }

  cancel() {
    clearTimeout(this.#timer);
    this.#flight?.abort();
    this.#timer = null;
    this.#flight = null;
    this.#waiting = false;
  }

  holdBack(seconds) {
    this.#notBefore = Date.now() + seconds * 1000;
    this.update();
  }

  async #send() {
    const flight = new AbortController();
    this.#timer = null;
    this.#flight = flight;
    await this.#deliver(flight.signal);
    if (this.#flight === flight) {
      this.#flight = null;
      this.#sendWaiting();
    }
  }

  #sendWaiting() {
    if (this.#waiting) {
      this.#waiting = false;
      this.update();
    }
  }
}

async function isAlive() {
  try {
    const response = await fetch('/healthz', { cache: 'no-store', signal: AbortSignal.timeout(HEARTBEAT_LIMIT) });
    return response.ok;
  } catch {
    return false;
  }
}

// Knows whether the server is there, also while nobody draws.
export class Pulse {
  #isGone = false;
  #retry = FIRST_RETRY;
  #timer = null;
  #onLoss;
  #onReturn;

  constructor({ onLoss, onReturn }) {
    this.#onLoss = onLoss;
    this.#onReturn = onReturn;
    document.addEventListener('visibilitychange', () => this.#planBeat(0));
    this.#planBeat(HEARTBEAT_PAUSE);
  }

  get isGone() {
    return this.#isGone;
  }

  reportLoss() {
    if (!this.#isGone) {
      this.#isGone = true;
      this.#retry = FIRST_RETRY;
      this.#onLoss();
      this.#planBeat(this.#retry);
    }
  }

  #planBeat(pause) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#beat(), pause);
  }

  async #beat() {
    // A page that nobody looks at need not know, and is asked again as soon as somebody does.
    if (document.hidden) {
      return;
    }
    if (await isAlive()) {
      this.#reportReturn();
      this.#planBeat(HEARTBEAT_PAUSE);
    } else if (this.#isGone) {
      this.#retry = Math.min(LAST_RETRY, this.#retry * 2);
      this.#planBeat(this.#retry);
    } else {
      this.reportLoss();
    }
  }

  #reportReturn() {
    if (this.#isGone) {
      this.#isGone = false;
      this.#onReturn();
    }
  }
}
