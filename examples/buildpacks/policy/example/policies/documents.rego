package documents

default allow := false

allow if input.user == "ada"
