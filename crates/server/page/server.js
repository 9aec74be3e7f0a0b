// Requests to the server, their failures, and a periodic health check.

import { authorization } from './token.js';

// Milliseconds; the values of Retry-After are seconds.
const REQUEST_TIMEOUT = 20_000;
const HEALTH_CHECK_TIMEOUT = 3_000;
const HEALTH_CHECK_INTERVAL = 10_000;
const MIN_RETRY_INTERVAL = 500;
const MAX_RETRY_INTERVAL = 5_000;
const REQUEST_INTERVAL = 80;
const DEFAULT_RETRY_AFTER = 2;
const MAX_RETRY_AFTER = 30;

// A proxy sends these when it cannot reach the server.
const GATEWAY_FAILURES = new Set([502, 504]);
const BUSY = new Set([429, 503]);
const UNAUTHORIZED = 401;

export class ServerUnreachable extends Error {}

export class RequestError extends Error {}

export class TokenRequired extends Error {}

export class ServerBusy extends Error {
  constructor(message, seconds) {
    super(message);
    this.seconds = seconds;
  }
}

function secondsToWait(response) {
  const header = response.headers.get('Retry-After') ?? String(DEFAULT_RETRY_AFTER);
  const seconds = Number.isNaN(Number(header)) ? (Date.parse(header) - Date.now()) / 1000 : Number(header);
  return Number.isNaN(seconds) ? DEFAULT_RETRY_AFTER : Math.min(MAX_RETRY_AFTER, Math.max(1, Math.ceil(seconds)));
}

async function problemText(response) {
  const problem = await response.json().catch(() => ({}));
  return problem.detail ?? problem.title ?? `the server answered with status ${response.status}`;
}

async function failureOf(response) {
  if (GATEWAY_FAILURES.has(response.status)) {
    return new ServerUnreachable();
  }
  if (response.status === UNAUTHORIZED) {
    return new TokenRequired();
  }
  const text = await problemText(response);
  return BUSY.has(response.status) ? new ServerBusy(text, secondsToWait(response)) : new RequestError(text);
}

function toRequestError(error) {
  const connectionLost = error instanceof TypeError || error.name === 'TimeoutError';
  if (connectionLost) {
    return new ServerUnreachable();
  }
  return error instanceof SyntaxError ? new RequestError('the server sent an invalid response') : error;
}

async function request(path, { signal, headers, ...options } = {}, read) {
  const limit = AbortSignal.timeout(REQUEST_TIMEOUT);
  try {
    const response = await fetch(path, {
      ...options,
      headers: { ...headers, ...authorization() },
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    if (!response.ok) {
      throw await failureOf(response);
    }
    return await read(response);
  } catch (error) {
    throw toRequestError(error);
  }
}

export const requestJson = (path, options) => request(path, options, (response) => response.json());

// A picture that only a request with the token gets.
export const requestPicture = (path) => request(path, {}, (response) => response.blob());

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

// Sends the newest drawing, one request at a time: answers arrive as fast as the server computes them, and requests
// never queue.
export class RequestScheduler {
  #sendRequest;
  #timer = null;
  #request = null;
  #waiting = false;
  #notBefore = 0;

  constructor(sendRequest) {
    this.#sendRequest = sendRequest;
  }

  update() {
    if (this.#request) {
      this.#waiting = true;
    } else if (this.#timer === null) {
      const pause = Math.max(REQUEST_INTERVAL, this.#notBefore - Date.now());
      this.#timer = setTimeout(() => this.#send(), pause);
    }
  }

  cancel() {
    clearTimeout(this.#timer);
    this.#request?.abort();
    this.#timer = null;
    this.#request = null;
    this.#waiting = false;
  }

  retryAfter(seconds) {
    this.#notBefore = Date.now() + seconds * 1000;
    this.update();
  }

  async #send() {
    const request = new AbortController();
    this.#timer = null;
    this.#request = request;
    await this.#sendRequest(request.signal);
    if (this.#request === request) {
      this.#request = null;
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
    const response = await fetch('/healthz', { cache: 'no-store', signal: AbortSignal.timeout(HEALTH_CHECK_TIMEOUT) });
    return response.ok;
  } catch {
    return false;
  }
}

// Checks whether the server is reachable, also while nobody draws.
export class HealthCheck {
  #isUnreachable = false;
  #retry = MIN_RETRY_INTERVAL;
  #timer = null;
  #onUnreachable;
  #onReachable;

  constructor({ onUnreachable, onReachable }) {
    this.#onUnreachable = onUnreachable;
    this.#onReachable = onReachable;
    document.addEventListener('visibilitychange', () => this.#scheduleCheck(0));
    this.#scheduleCheck(HEALTH_CHECK_INTERVAL);
  }

  get isUnreachable() {
    return this.#isUnreachable;
  }

  reportUnreachable() {
    if (!this.#isUnreachable) {
      this.#isUnreachable = true;
      this.#retry = MIN_RETRY_INTERVAL;
      this.#onUnreachable();
      this.#scheduleCheck(this.#retry);
    }
  }

  #scheduleCheck(pause) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#check(), pause);
  }

  async #check() {
    // A hidden page checks again as soon as it is visible.
    if (document.hidden) {
      return;
    }
    if (await isAlive()) {
      this.#reportReachable();
      this.#scheduleCheck(HEALTH_CHECK_INTERVAL);
    } else if (this.#isUnreachable) {
      this.#retry = Math.min(MAX_RETRY_INTERVAL, this.#retry * 2);
      this.#scheduleCheck(this.#retry);
    } else {
      this.reportUnreachable();
    }
  }

  #reportReachable() {
    if (this.#isUnreachable) {
      this.#isUnreachable = false;
      this.#onReachable();
    }
  }
}
