package springtest;

import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import java.time.Duration;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configuration.OAuth2AuthorizationServerConfiguration;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;

/** Who may ask: everyone, the user of springtest.user, or those with a token from /oauth2/token. */
@Configuration
class Security {
  @Bean
  @Order(1)
  @ConditionalOnProperty("springtest.tokens")
  SecurityFilterChain tokens(HttpSecurity http) throws Exception {
    return http
        .oauth2AuthorizationServer(server -> http.securityMatcher(server.getEndpointsMatcher()))
        .authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
        .build();
  }

  @Bean
  @Order(2)
  SecurityFilterChain configuration(HttpSecurity http, Environment environment) throws Exception {
    boolean tokens = environment.containsProperty("springtest.tokens");
    boolean user = environment.containsProperty("springtest.user");
    http.csrf(csrf -> csrf.disable());
    if (tokens) {
      http.oauth2ResourceServer(server -> server.jwt(Customizer.withDefaults()));
    }
    if (user) {
      http.httpBasic(Customizer.withDefaults());
    }
    return http.authorizeHttpRequests(requests -> {
      if (tokens || user) {
        requests.anyRequest().authenticated();
      } else {
        requests.anyRequest().permitAll();
      }
    }).build();
  }

  @Bean
  @ConditionalOnProperty("springtest.user")
  UserDetailsService users(@Value("${springtest.user}") String name, @Value("${springtest.password}") String password) {
    return new InMemoryUserDetailsManager(User.withUsername(name).password("{noop}" + password).roles("USER").build());
  }

  /** Tokens end when they say so, and not a minute later, as they do by default. */
  @Bean
  @ConditionalOnProperty("springtest.tokens")
  JwtDecoder tokenDecoder(JWKSource<SecurityContext> keys) {
    NimbusJwtDecoder decoder = (NimbusJwtDecoder) OAuth2AuthorizationServerConfiguration.jwtDecoder(keys);
    decoder.setJwtValidator(new JwtTimestampValidator(Duration.ZERO));
    return decoder;
  }
}
