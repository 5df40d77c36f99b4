// The page begins here: the shell, which opens the view that the address names.

import "./parts/studio-shell.js";
