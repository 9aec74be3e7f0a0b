// Connects the parts of the page: theme, modes, keys, picture files, and requests for the current drawing.

import { AnswerView, asSentence } from './answer.js';
import { ModelCard } from './model.js';
import {
  HealthCheck,
  requestJson,
  RequestScheduler,
  sendPicture,
  ServerBusy,
  ServerUnreachable,
  TokenRequired,
} from './server.js';
import { Sketch } from './sketch.js';
import { TokenDialog } from './token.js';

const THEME_KEY = 'glyph-theme';
const INVITATIONS = { digit: 'Draw a digit', number: 'Write a number', other: 'Draw something, or drop a picture' };

const find = (id) => document.getElementById(id);
const systemDark = matchMedia('(prefers-color-scheme: dark)');

let mode = 'digit';
let model = null;
let models = [];
let wasResent = false;

const view = new AnswerView(document);
const card = new ModelCard(document, chooseModel);
const scheduler = new RequestScheduler(readDrawing);
const health = new HealthCheck({ onUnreachable: showUnreachable, onReachable: recover });
const tokenDialog = new TokenDialog(document, onToken);
const sketch = new Sketch(find('drawing'), { onGrowth: onStrokeGrowth, onReplacement: onSheetReplacement });

function rememberTheme(theme) {
  try {
    if (theme) {
      localStorage.setItem(THEME_KEY, theme);
    } else {
      localStorage.removeItem(THEME_KEY);
    }
  } catch {
    // Storage may be disabled or full; then the theme is not remembered.
  }
}

function rememberedTheme() {
  try {
    return localStorage.getItem(THEME_KEY);
  } catch {
    return null;
  }
}

const systemTheme = () => (systemDark.matches ? 'dark' : 'light');
const currentTheme = () => document.documentElement.dataset.theme ?? systemTheme();

function applyTheme(theme) {
  if (theme === 'light' || theme === 'dark') {
    document.documentElement.dataset.theme = theme;
  } else {
    delete document.documentElement.dataset.theme;
  }
  find('theme').ariaLabel = `Switch to the ${currentTheme() === 'dark' ? 'light' : 'dark'} theme`;
  find('theme-color').content = getComputedStyle(document.documentElement).backgroundColor;
  sketch.repaint();
}

// Choosing the system's own theme means following the system again.
function toggleTheme() {
  const wanted = currentTheme() === 'dark' ? 'light' : 'dark';
  const choice = wanted === systemTheme() ? null : wanted;
  rememberTheme(choice);
  applyTheme(choice);
}

function showSheetState() {
  const hiddenName = sketch.hiddenPictureName;
  const kind = model && !model.reads_digits ? 'other' : mode;
  find('undo').disabled = !sketch.canUndo;
  find('clear').disabled = sketch.isEmpty;
  find('sheet').dataset.picture = String(sketch.hasPicture);
  find('invitation').hidden = !sketch.isEmpty && hiddenName === null;
  find('invitation').dataset.kind = hiddenName === null ? kind : 'hidden-picture';
  find('invitation-text').textContent =
    hiddenName === null ? INVITATIONS[kind] : `${hiddenName || 'This picture'} cannot be shown here.`;
}

function onStrokeGrowth() {
  showSheetState();
  wasResent = false;
  ask();
}

function onSheetReplacement() {
  showSheetState();
  wasResent = false;
  resend();
}

function resend() {
  scheduler.cancel();
  if (!health.isUnreachable) {
    showBanner('');
  }
  if (sketch.isEmpty) {
    view.showNothing();
  } else {
    ask();
  }
}

function ask() {
  if (health.isUnreachable) {
    view.showWaiting();
  } else {
    scheduler.update();
  }
}

function apiPath(action) {
  const isFirst = model === null || model === models[0];
  const root = isFirst ? '/api' : `/api/models/${encodeURIComponent(model.name)}`;
  return `${root}/${action}?input=true`;
}

async function readDrawing(signal) {
  const askedMode = mode;
  try {
    const path = apiPath(askedMode === 'number' ? 'read' : 'predict');
    const answer = await sendPicture(path, sketch.toFile(), signal);
    if (!signal.aborted) {
      showAnswer(askedMode, answer);
    }
  } catch (error) {
    if (!signal.aborted) {
      showFailure(error);
    }
  }
}

function showAnswer(askedMode, answer) {
  wasResent = false;
  showBanner('');
  if (askedMode === 'number') {
    view.showReading(answer, (box) => sketch.place(box));
  } else {
    view.showPrediction(answer);
  }
}

function showFailure(error) {
  if (error instanceof ServerBusy) {
    showBanner(`The server is busy. Retrying in ${error.seconds}\u202fs…`);
    scheduler.retryAfter(error.seconds);
  } else if (error instanceof ServerUnreachable) {
    showBrokenRequest();
  } else if (error instanceof TokenRequired) {
    askForToken();
  } else {
    showBanner('');
    view.showProblem(error.message);
  }
}

// If a reachable server closes the connection on the same request twice, the cause is the picture.
function showBrokenRequest() {
  if (wasResent) {
    view.showProblem('The server closed the connection. The picture may be too large.');
  } else {
    health.reportUnreachable();
    view.showWaiting();
  }
}

function showBanner(text) {
  find('banner').textContent = text;
}

function showUnreachable() {
  scheduler.cancel();
  showBanner('The server does not answer. Retrying…');
}

function recover() {
  wasResent = true;
  if (model === null) {
    loadModels();
  }
  resend();
}

async function loadModels() {
  try {
    ({ models } = await requestJson('/api/models'));
    card.offer(models);
    chooseModel(models[0]);
  } catch (error) {
    followUpLoading(error);
  }
}

function followUpLoading(error) {
  if (error instanceof ServerUnreachable) {
    health.reportUnreachable();
  } else if (error instanceof ServerBusy) {
    setTimeout(loadModels, error.seconds * 1000);
  } else if (error instanceof TokenRequired) {
    askForToken();
  } else {
    card.showProblem(asSentence(error.message));
  }
}

function askForToken() {
  view.showWaiting();
  card.showProblem('The server requires a token.');
  tokenDialog.ask();
}

function onToken() {
  if (model === null) {
    loadModels();
  } else {
    resend();
  }
}

function chooseModel(chosen) {
  model = chosen;
  card.show(model);
  view.setClasses(model.class_names);
  find('modes').hidden = !model.reads_digits;
  if (!model.reads_digits) {
    find('mode-digit').checked = true;
  }
  setMode(chosenMode());
  onSheetReplacement();
}

const chosenMode = () => (find('mode-number').checked ? 'number' : 'digit');

function setMode(wanted) {
  mode = wanted;
  find('main').dataset.mode = mode;
  sketch.setMode(mode);
}

function loadPicture(files) {
  const picture = [...files].find((file) => file.type.startsWith('image/')) ?? files[0];
  if (picture) {
    sketch.showPicture(picture);
  }
}

function chooseFile() {
  loadPicture(find('picture-input').files);
  // Without this, choosing the same file again would not fire a change event.
  find('picture-input').value = '';
}

const carriesFiles = (event) => event.dataTransfer?.types.includes('Files') ?? false;

function showDrag(event) {
  if (carriesFiles(event)) {
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    find('sheet').dataset.drag = 'true';
  }
}

function hideDrag(event) {
  const leavesWindow = event.relatedTarget === null;
  if (leavesWindow) {
    delete find('sheet').dataset.drag;
  }
}

function onDrop(event) {
  delete find('sheet').dataset.drag;
  if (carriesFiles(event)) {
    event.preventDefault();
    loadPicture(event.dataTransfer.files);
  }
}

function onPaste(event) {
  if (event.clipboardData?.files.length > 0) {
    event.preventDefault();
    loadPicture(event.clipboardData.files);
  }
}

function onKey(event) {
  const isUndo = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 'z';
  // The list of models and the enlarged picture handle Esc themselves.
  const isHandledElsewhere = find('matrix-dialog').open || find('token-dialog').open || event.target instanceof HTMLSelectElement;
  if (isHandledElsewhere) {
    return;
  }
  if (isUndo) {
    event.preventDefault();
    sketch.undo();
  } else if (event.key === 'Escape') {
    sketch.clear();
  }
}

find('undo').addEventListener('click', () => sketch.undo());
find('clear').addEventListener('click', () => sketch.clear());
find('theme').addEventListener('click', toggleTheme);
find('choose').addEventListener('click', () => find('picture-input').click());
find('picture-input').addEventListener('change', chooseFile);
find('modes').addEventListener('change', () => setMode(chosenMode()));
systemDark.addEventListener('change', () => applyTheme(rememberedTheme()));
document.addEventListener('keydown', onKey);
document.addEventListener('paste', onPaste);
document.addEventListener('dragover', showDrag);
document.addEventListener('dragleave', hideDrag);
document.addEventListener('drop', onDrop);

applyTheme(rememberedTheme());
// A browser may keep the selected mode when it reloads the page.
setMode(chosenMode());
showSheetState();
loadModels();
