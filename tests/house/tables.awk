# Findings about one .def file: see tables.sh.
{ text = text $0 "\n" }

function finding(line, what) { print FILENAME ":" line ": " what }

# Reads the arguments behind the ( at `at` into args[1..count]; returns where the ) is.
function arguments(at,    depth, c, quote, start, in_comment) {
    count = 0
    depth = 1
    args[1] = ""
    for (at++; at <= length(text); at++) {
        c = substr(text, at, 1)
        if (c == "\n") line++
        if (in_comment) { if (substr(text, at, 2) == "*/") { in_comment = 0; at++ } continue }
        if (quote != "") {
            if (c == "\\") { args[count + 1] = args[count + 1] c; at++; c = substr(text, at, 1); if (c == "\n") line++ }
            else if (c == quote) quote = ""
        } else if (substr(text, at, 2) == "/*") { in_comment = 1; at++; continue }
        else if (c == "\"" || c == "'") quote = c
        else if (c == "(") depth++
        else if (c == ")" && --depth == 0) { count++; return at }
        else if (c == "," && depth == 1) { count++; args[count + 1] = ""; continue }
        args[count + 1] = args[count + 1] c
    }
    finding(line, "a row does not end")
    return at
}

function trim(s) { gsub(/^[ \t\n]+|[ \t\n]+$/, "", s); return s }

END {
    n = split(text, lines, "\n")
    if (substr(text, 1, 2) != "/*") finding(1, "opens without a comment that explains the columns")
    header = substr(text, 1, index(text, "*/"))
    line = 1
    for (at = 1; at <= length(text); at++) {
        c = substr(text, at, 1)
        if (c == "\n") { line++; start_of_line = 1; continue }
        if (substr(text, at, 2) == "/*") {
            while (at <= length(text) && substr(text, at, 2) != "*/") { if (substr(text, at, 1) == "\n") line++; at++ }
            at++
            continue
        }
        if (c == "#") { # a preprocessor line, and its continuations
            while (at <= length(text) && substr(text, at, 1) != "\n") at++
            at--
            continue
        }
        if (c ~ /[A-Z]/) {
            match(substr(text, at), /^[A-Z][A-Z0-9_]*/)
            name = substr(text, at, RLENGTH)
            at += RLENGTH
            row_line = line
            if (substr(text, at, 1) != "(") { # a mark between rows
                if (!match(header, "(^|[^A-Za-z0-9_])" name "([^A-Za-z0-9_]|$)")) finding(row_line, name " is not explained")
                at--
                continue
            }
            at = arguments(at)
            rows++
            key = trim(args[1])
            if (key == "") finding(row_line, name ": the first column is empty")
            row[rows] = name
            first[rows] = key
            second[rows] = trim(args[2])
            where[rows] = row_line
            whole[rows] = key
            for (i = 2; i <= count; i++) whole[rows] = whole[rows] ", " trim(args[i])
            same_name[name]++
            if (!((name, key) in known)) { known[name, key] = 1; distinct[name]++ }
            if (!(name in columns)) {
                columns[name] = count
                if (index(header, name "(") == 0) finding(row_line, name ": its columns are not explained")
            } else if (columns[name] != count)
                finding(row_line, name "(" key ") has " count " columns, the first row has " columns[name])
        } else if (c !~ /[ \t]/) {
            finding(line, "not a row: " lines[line])
            while (at <= length(text) && substr(text, at, 1) != "\n") at++
            at--
        }
    }
    if (!rows) finding(1, "has no rows")
    for (i = 1; i <= rows; i++) {
        if (!((row[i], first[i], second[i]) in pairs)) { pairs[row[i], first[i], second[i]] = 1; distinct2[row[i]]++ }
    }
    for (i = 1; i <= rows; i++) {
        key = first[i]
        if (2 * distinct[row[i]] <= same_name[row[i]]) key = key ", " second[i]
        if (2 * distinct2[row[i]] <= same_name[row[i]]) key = whole[i]
        if ((row[i], key) in seen) finding(where[i], row[i] "(" key ") is also in line " seen[row[i], key])
        else seen[row[i], key] = where[i]
    }
}
