package vaultsource

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/hashicorp/vault/api"

	"github.com/cloudfoundry-community/sidecar-buildpack/internal/configserver/environment"
	"github.com/cloudfoundry-community/sidecar-buildpack/internal/outbound"
)

// session caches a Vault token. Its methods are safe for concurrent use.
type session struct {
	settings Settings
	identity *outbound.Identity
	now      func() time.Time
	login    *api.Client // has no token
	client   *api.Client // has the session's token

	mutex   sync.Mutex
	token   lease
	refused refusal // of the last login
}

// lease is a token with its lifetime by the wall clock, which may be set while the token is in use.
type lease struct {
	token     string
	renewable bool
	full      time.Duration // lifetime of a new lease; 0: the token does not expire
	renewAt   time.Time
	ends      time.Time
}

// authorized returns the client with a token, and the token. A third of the token's lifetime remains, if Vault
// grants that.
func (s *session) authorized(ctx context.Context) (*api.Client, string, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	now := s.now().Round(0)
	var err error
	switch {
	case s.token.token == "":
		err = s.startLocked(ctx)
	case s.token.full != 0 && !now.Before(s.token.renewAt):
		if err = s.renewLocked(ctx); err != nil && now.Before(s.token.ends) {
			err = nil // the next fetch tries again
		}
	}
	return s.client, s.token.token, err
}

// again replaces a token that was rejected, unless that has already happened. It returns false if it cannot: a
// configured token cannot be replaced.
func (s *session) again(ctx context.Context, refused string) (bool, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.token.token != refused {
		return true, nil
	}
	if s.settings.Token != "" {
		s.token = lease{} // look up its lifetime again
		return false, nil
	}
	return true, s.startLocked(ctx)
}

// startLocked logs in, or looks up the lifetime of a configured token. If the lookup is not allowed, the token
// counts as one that does not expire.
func (s *session) startLocked(ctx context.Context) error {
	if s.settings.Token == "" {
		answer, err := s.tryLoginLocked(ctx)
		if err != nil {
			return err
		}
		s.keepLocked(answer.Auth.ClientToken, answer.Auth, 0)
		return nil
	}
	s.client.SetToken(s.settings.Token)
	answer, err := s.client.Auth().Token().LookupSelfWithContext(ctx)
	if err != nil && !isStatus(err, http.StatusForbidden) {
		return explain("failed to look up the token", err)
	}
	auth := &api.SecretAuth{}
	if answer != nil {
		ttl, _ := answer.TokenTTL()
		auth.LeaseDuration = int(ttl.Seconds())
		auth.Renewable, _ = answer.TokenIsRenewable()
	}
	s.keepLocked(s.settings.Token, auth, 0)
	return nil
}

// renewLocked renews the token or, if Vault does not allow that, logs in again.
func (s *session) renewLocked(ctx context.Context) error {
	var err error
	if s.token.renewable {
		var answer *api.Secret
		answer, err = s.client.Auth().Token().RenewSelfWithContext(ctx, 0)
		switch {
		case err != nil:
			err = explain("failed to renew the token", err)
		case answer == nil || answer.Auth == nil || answer.Auth.LeaseDuration <= 0:
			err = errors.New("failed to renew the token: found an answer without a lease")
		default:
			s.keepLocked(s.token.token, answer.Auth, s.token.full)
			// Near the maximum lifetime that its role sets, a token gets shorter leases.
			if s.settings.Token != "" || time.Duration(answer.Auth.LeaseDuration)*time.Second > s.token.full/3 {
				return nil
			}
		}
	}
	if s.settings.Token != "" {
		return err
	}
	return s.startLocked(ctx)
}

// keepLocked stores a token. full is the lifetime of the first lease, or 0 if this is the first.
func (s *session) keepLocked(token string, auth *api.SecretAuth, full time.Duration) {
	life := time.Duration(auth.LeaseDuration) * time.Second
	now := s.now().Round(0)
	s.token = lease{token: token, renewable: auth.Renewable, full: max(full, life), renewAt: now.Add(life * 2 / 3), ends: now.Add(life)}
	s.client.SetToken(token)
}

// tryLoginLocked logs in, unless Vault has just refused that.
func (s *session) tryLoginLocked(ctx context.Context) (*api.Secret, error) {
	now := s.now().Round(0)
	if s.refused.holds(now) {
		return nil, s.refused.err
	}
	answer, err := s.logIn(ctx)
	if s.settings.RoleID != "" && errors.Is(err, environment.ErrUnauthorized) {
		s.refused.record(err, now)
	} else {
		s.refused = refusal{}
	}
	return answer, err
}

func (s *session) logIn(ctx context.Context) (*api.Secret, error) {
	var body map[string]any
	if s.settings.RoleID != "" {
		body = map[string]any{"role_id": s.settings.RoleID}
		if s.settings.SecretID != "" {
			body["secret_id"] = s.settings.SecretID
		}
	} else {
		pair, err := s.identity.Load(ctx)
		if err != nil {
			return nil, err
		}
		if body, err = sign(pair, s.settings.Role, s.now()); err != nil {
			return nil, err
		}
	}
	answer, err := s.login.Logical().WriteWithContext(ctx, "auth/"+s.settings.LoginMount+"/login", body)
	switch {
	case isStatus(err, http.StatusBadRequest), isStatus(err, http.StatusForbidden), isStatus(err, http.StatusNotFound), isInvalidSecretID(err):
		return nil, fmt.Errorf("%w: %w: %s", explain("failed to log in", err), environment.ErrUnauthorized, s.loginAdvice())
	case err != nil:
		return nil, explain("failed to log in", err)
	case answer == nil || answer.Auth == nil || answer.Auth.ClientToken == "":
		return nil, errors.New("failed to log in: found an answer without a token; expected an answer from Vault")
	default:
		return answer, nil
	}
}

func (s *session) loginAdvice() string {
	if s.settings.RoleID != "" {
		return "expected role_id and secret_id to be valid at auth/" + s.settings.LoginMount
	}
	return "expected a role at auth/" + s.settings.LoginMount + " that lets this app in, and a clock of this machine that is right"
}
