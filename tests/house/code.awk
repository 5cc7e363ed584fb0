# Prints C with comments and the contents of strings and characters blanked, line for line.
# With -v keep_strings=1 strings stay as they are.
{
    out = ""
    n = length($0)
    for (i = 1; i <= n; i++) {
        c = substr($0, i, 1)
        two = substr($0, i, 2)
        if (in_comment) {
            if (two == "*/") { in_comment = 0; i++ }
        } else if (quote != "") {
            if (c == "\\") { if (keep_strings) out = out two; i++ }
            else if (c == quote) { quote = ""; out = out c }
            else if (keep_strings) out = out c
        } else if (two == "/*") { in_comment = 1; i++; out = out " " }
        else if (two == "//") break
        else {
            if (c == "\"" || (c == "'" && substr($0, i - 1, 1) !~ /[0-9a-fA-F]/)) quote = c
            out = out c
        }
    }
    if (quote != "" && substr($0, n, 1) != "\\") quote = ""
    print out
}
