# frozen_string_literal: true

require 'sinatra/base'
require 'typhoeus'

# A web app that asks the config-server sidecar beside it for its configuration and passes the answer on.
class AppServer < Sinatra::Base
  # App and sidecars start together, in no order: a request waits this long, in seconds, for a sidecar that is
  # not up yet.
  PATIENCE = 5

  CONFIG_SERVER = "localhost:#{ENV.fetch('CONFIG_SERVER_PORT')}/config/"

  get '/' do
    content_type :text
    "Hello from ruby-app! What its sidecar knows is at /config.\n"
  end

  get '/config' do
    puts "Sending a request to the config-server sidecar at #{CONFIG_SERVER}"
    answer = ask

    unless answer.success?
      puts "The config-server sidecar does not answer: #{reason(answer)}"
      content_type :text
      halt 502, "The config-server sidecar does not answer: #{reason(answer)}\n"
    end

    # The configuration holds a password, so the log gets its size alone.
    puts "Received #{answer.body.bytesize} bytes from the config-server sidecar"
    content_type :json
    answer.body
  end

  private

  # Returns the sidecar's answer, or after the patience is at its end the last failure to get one.
  def ask
    deadline = now + PATIENCE
    loop do
      # A container may be given a proxy for the world outside: the sidecar is not behind it.
      answer = Typhoeus.get("http://#{CONFIG_SERVER}", timeout: PATIENCE, proxy: '')
      return answer if answer.success? || now > deadline

      sleep 0.1
    end
  end

  def reason(answer)
    answer.code.zero? ? answer.return_message : "it answered #{answer.code}"
  end

  def now
    Process.clock_gettime(Process::CLOCK_MONOTONIC)
  end
end
