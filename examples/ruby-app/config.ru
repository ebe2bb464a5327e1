# frozen_string_literal: true

# Whoever reads the log wants a line when it is written, not when a buffer is full.
$stdout.sync = true

require_relative 'app_server'

run AppServer
