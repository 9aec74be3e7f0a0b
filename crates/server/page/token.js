// The access token, which a server with a file of tokens requires: asked for in a dialog, kept until the tab is closed.

const TOKEN_KEY = 'glyph-token';

function remembered() {
  try {
    return sessionStorage.getItem(TOKEN_KEY);
  } catch {
    // Storage may be disabled; then the token is asked for again when the page is loaded again.
    return null;
  }
}

function remember(text) {
  try {
    if (text) {
      sessionStorage.setItem(TOKEN_KEY, text);
    } else {
      sessionStorage.removeItem(TOKEN_KEY);
    }
  } catch {
    // As above.
  }
}

let token = remembered();

// Headers for a request.
export const authorization = () => (token ? { Authorization: `Bearer ${token}` } : {});

export class TokenDialog {
  #dialog;
  #input;
  #note;

  constructor(root, onToken) {
    this.#dialog = root.getElementById('token-dialog');
    this.#input = root.getElementById('token-input');
    this.#note = root.getElementById('token-note');
    root.getElementById('token-form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#accept();
      onToken();
    });
  }

  // Asks for a token, because there is none or the server does not know it.
  ask() {
    if (this.#dialog.open) {
      return;
    }
    this.#note.textContent = token ? 'The server does not know this token.' : 'This server requires a token.';
    token = null;
    remember(token);
    this.#input.value = '';
    this.#dialog.showModal();
  }

  #accept() {
    token = this.#input.value.trim();
    remember(token);
    this.#dialog.close();
  }
}
