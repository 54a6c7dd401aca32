// Every page works without these modules; they make it instant. The order matters where two listen to one
// event: who may refuse a submit comes first, who sends it last; Esc goes to the innermost thing first.
document.documentElement.classList.add('js'); // CSS hides the buttons that only a page without us needs

import './uploads.js';
import './composer.js';
import './small.js';
import './picker.js';
import './keys.js';
import './dialogs.js';
import './live.js';
